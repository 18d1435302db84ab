import { expect, test } from 'vitest'
import { derivedId } from '#shared/id.ts'
import { createTestRoom, type TestRoom } from '../testing/users-room.ts'

const wren = derivedId('artist', 'wren')
const okoro = derivedId('artist', 'okoro')

test('artists of the catalogue can be followed once the log tells of them, whatever order tells it', async () => {
  await using users = await createTestRoom()
  const { identity } = await users.signUp('ann@example.com')
  const follow = async (id: string) => (await users.answer('Follow', { id }, identity))['follow']
  expect(await follow(wren)).toMatchObject({ following: null, userErrors: [{ code: 'NOT_FOUND' }] })

  await say(users, 'catalog.artist-changed.v1', { artistId: wren, name: 'Wren', version: 3 })
  await say(users, 'catalog.artist-changed.v1', { artistId: wren, name: 'Wren H.', version: 2 })
  await say(users, 'catalog.track-changed.v1', { trackId: 'track', version: 9 })
  await say(users, 'catalog.artist-changed.v1', {
    artistId: okoro,
    name: 'Okoro',
    version: 1,
    addedLater: true,
  })

  const copy = () => users.db.artist.findMany({ orderBy: { version: 'asc' } })
  await expect.poll(copy, { timeout: 5_000 }).toEqual([
    { id: okoro, version: 1 },
    { id: wren, version: 3 },
  ])
  expect(await follow(wren)).toEqual({ following: true, userErrors: [] })
})

/** Writes to the catalogue's log as the catalogue would. */
async function say(users: TestRoom, topic: string, payload: object): Promise<void> {
  await users.db.$executeRaw`
    WITH written AS (
      INSERT INTO catalog.outbox (id, topic, key, payload)
      VALUES (gen_random_uuid()::text, ${topic}, 'key', ${JSON.stringify(payload)}::text::jsonb)
    )
    SELECT pg_notify('outbox', 'catalog')`
}
