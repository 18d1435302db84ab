import { afterAll, beforeAll, expect, test } from 'vitest'
import { ann, codeOf, createEdits, type Edits } from '../testing/edits.ts'
import { createTestRoom, type TestRoom, trackId } from '../testing/playlists-room.ts'

let playlists: TestRoom
let edits: Edits

beforeAll(async () => {
  playlists = await createTestRoom()
  edits = createEdits(playlists, playlists)
})
afterAll(() => playlists[Symbol.asyncDispose]())

/** What the catalogue says, as it says it. */
async function say(
  ...payloads: { n: number; durationMs: number; version: number; isRemoved?: boolean; albumId?: string }[]
): Promise<void> {
  for (const { n, ...rest } of payloads) {
    const payload = JSON.stringify({ trackId: trackId(n), title: 'New', isRemoved: false, ...rest })
    await playlists.db.$executeRaw`
      INSERT INTO catalog.outbox (id, topic, key, payload)
      VALUES (${`event_${Math.random()}`}, 'catalog.track-changed.v1', ${trackId(n)}, ${payload}::text::jsonb)`
  }
  await playlists.db.$queryRaw`SELECT pg_notify('outbox', 'catalog')::text`
}

const durationOf = async (n: number): Promise<number | undefined> =>
  (await playlists.db.track.findUnique({ where: { id: trackId(n) } }))?.durationMs

test('a track that the catalogue has can be added; its newest length counts, in whatever order the news comes', async () => {
  const { id } = await playlists.create(ann, [])
  expect((await edits.add(ann, id, [500]))['skipped']).toMatchObject([{ reason: 'NOT_FOUND' }])

  await say(
    { n: 500, durationMs: 5_000, version: 1 },
    { n: 500, durationMs: 7_000, version: 3 },
    { n: 500, durationMs: 6_000, version: 2 },
  )
  await expect.poll(() => durationOf(500)).toBe(7_000)
  await edits.add(ann, id, [500, 500])
  expect(await playlists.answer('PlaylistPage', { id }, ann)).toMatchObject({ durationMs: 14_000 })

  await say({ n: 500, durationMs: 1, version: 2 }, { n: 500, durationMs: 8_000, version: 4 })
  await expect.poll(() => durationOf(500)).toBe(8_000)
  expect(await playlists.answer('PlaylistPage', { id }, ann)).toMatchObject({ durationMs: 16_000 })
})

test('a track that has been removed can no longer be added, and stays where it is', async () => {
  const { id } = await playlists.create(ann, [7])
  await say({ n: 7, durationMs: 1_007, version: 2, isRemoved: true })
  await expect
    .poll(async () => (await playlists.db.track.findUnique({ where: { id: trackId(7) } }))?.isRemoved)
    .toBe(true)

  const added = await edits.add(ann, id, [7])

  expect(codeOf(added)).toBeNull()
  expect(added['skipped']).toMatchObject([{ reason: 'NOT_FOUND' }])
  expect(await playlists.tracksOf(id)).toEqual([7])
})

test('a track whose album was not known before gets it from the same news read again, and keeps it over older ones', async () => {
  const albumOf = async (n: number) =>
    (await playlists.db.track.findUnique({ where: { id: trackId(n) } }))?.albumId
  expect(await albumOf(9)).toBeNull()

  await say({ n: 9, durationMs: 1_009, version: 1, albumId: 'album_a' })
  await expect.poll(() => albumOf(9)).toBe('album_a')
  await say({ n: 9, durationMs: 1_009, version: 1, albumId: 'album_b' }, { n: 10, durationMs: 1, version: 2 })
  await expect.poll(() => durationOf(10)).toBe(1)
  expect(await albumOf(9)).toBe('album_a')
})
