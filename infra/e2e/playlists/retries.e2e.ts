import { expect, test } from 'vitest'
import type { LocalRoom } from '#shared/room.ts'
import { createTestDatabase } from '#shared/testing/database.ts'
import { createChance } from '../../../gateway/execute/testing/chance.ts'
import { runRetries } from './retries.ts'
import { createRoughTransport, type RoughTransport } from './rough-transport.ts'
import { openStage, type Person, person } from './stage.ts'

const EDITS = 200

test(`${EDITS} edits at two processes of the room, one in five sent again: each is made once, and told the same each time`, async () => {
  await using database = await createTestDatabase()
  await using stage = await openStage(database.url, 2)
  const people = ['one', 'two', 'three', 'four'].map(person)
  const playlistId = await stage.createList(people, 20)
  const seed = Date.now() % 1_000_000_007
  process.stdout.write(`retries: seed ${seed}\n`)
  const [one, other] = stage.rooms as [LocalRoom, LocalRoom]
  const toRoom = (room: LocalRoom, who: Person): RoughTransport => {
    const transport = createRoughTransport([room], who, createChance(seed))
    transport.heal()
    return transport
  }

  const { applied, repeats } = await runRetries({
    playlistId,
    editors: people.map((who) => ({ here: toRoom(one, who), there: toRoom(other, who) })),
    tracks: stage.tracks,
    edits: EDITS,
    percent: 20,
    seed,
    read: () => stage.read(playlistId),
  })

  expect(applied).toBeGreaterThan(EDITS / 2)
  expect(repeats).toBeGreaterThan(EDITS / 10)
}, 60_000)
