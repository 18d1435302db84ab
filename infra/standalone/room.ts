import { ROOMS, type RoomName } from '../../schema/supergraph.ts'
import { fillEnvironment } from './environment.ts'

/** `npm run room -- catalog`: one room as a service of its own, on the database that `npm run database` keeps. */
const name = process.argv[2] as RoomName
if (!ROOMS.includes(name)) {
  process.stderr.write(`Which room? One of ${ROOMS.join(', ')}\n`)
  process.exit(1)
}
try {
  await fillEnvironment(name)
  await import(`../../subgraphs/${name}/index.ts`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
