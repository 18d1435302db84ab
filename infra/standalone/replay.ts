import { parseArgs } from 'node:util'
import { z } from 'zod'
import { readConfig } from '#shared/config.ts'
import { listDeadLetters, requestReplay } from '#shared/dead-letters.ts'
import { ROOMS, type RoomName } from '../../schema/supergraph.ts'
import { fillEnvironment } from './environment.ts'

const USAGE = `npm run events:replay -- ROOM [options]
Has events tried again that a room's consumers have set aside. The room has to run.
  --list            shows them, with the reasons, and does nothing
  --consumer NAME   only those of one consumer, e.g. playback.catalogue
  --topic TOPIC     only those of one topic
  --event ID        only this one
`

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      list: { type: 'boolean' },
      consumer: { type: 'string' },
      topic: { type: 'string' },
      event: { type: 'string' },
    },
  })
  const room = positionals[0] as RoomName
  if (positionals.length !== 1 || !ROOMS.includes(room))
    throw new Error(`Which room? One of ${ROOMS.join(', ')}`)
  await fillEnvironment(room)
  const { DATABASE_URL } = readConfig(z.object({ DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }) }))
  const filter = { consumer: values.consumer, topic: values.topic, eventId: values.event }
  if (values.list === true) {
    for (const letter of await listDeadLetters(DATABASE_URL, room, filter))
      process.stdout.write(`${JSON.stringify(letter)}\n`)
  } else {
    process.stdout.write(`Asked for again: ${await requestReplay(DATABASE_URL, room, filter)}\n`)
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
  process.exit(1)
}
