import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { readSecret } from '#shared/secrets.ts'
import { ROOMS, type RoomName } from '../../schema/supergraph.ts'

const FIRST_ROOM_PORT = 4001

/**
 * What a service started by hand on one machine need not be told: the database and the secret of this home, and the
 * ports 4001 to 4005 for the rooms in their order. Whatever is set already stays.
 */
export async function fillEnvironment(service: RoomName | 'gateway'): Promise<void> {
  // biome-ignore lint/style/noProcessEnv: fills what readConfig reads afterwards
  const environment = process.env
  const home = resolve(environment['CADENZA_HOME'] ?? '.cadenza')
  environment['CADENZA_INTERNAL_SECRET'] ??= await readSecret(home, 'internal')
  if (service === 'gateway') {
    ROOMS.forEach((room, index) => {
      environment[`SUBGRAPH_${room.toUpperCase()}_URL`] ??=
        `http://127.0.0.1:${FIRST_ROOM_PORT + index}/graphql`
    })
    return
  }
  environment['PORT'] ??= String(FIRST_ROOM_PORT + ROOMS.indexOf(service))
  environment['DATABASE_URL'] ??= await readFile(join(home, 'run', 'database-url'), 'utf8').catch(() => {
    throw new Error(`No database: set DATABASE_URL, or keep "npm run database" running on ${home}`)
  })
  // The playback room serves its own audio here; in one process the door does.
  environment['PUBLIC_URL'] ??= `http://localhost:${environment['PORT']}`
}
