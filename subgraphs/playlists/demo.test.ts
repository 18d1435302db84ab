import { afterAll, beforeAll, expect, test } from 'vitest'
import { derivedId } from '#shared/id.ts'
import type { PlaylistsDemo } from './demo.ts'
import { createTestRoom, NOBODY, range, type TestRoom } from './testing/playlists-room.ts'
import { createView, subscribe } from './testing/view.ts'

const demo: PlaylistsDemo = {
  albums: [{ tracks: range(0, 130).map((n) => ({ key: `song-${n}` })) }],
  playlists: [
    {
      key: 'long',
      name: 'Long',
      description: 'All of it',
      owner: 'premium',
      visibility: 'PUBLIC',
      collaborative: false,
      tracks: ['no-such-song', ...range(0, 130).map((n) => `song-${n}`)],
    },
    {
      key: 'hidden',
      name: 'Hidden',
      description: 'Not for you',
      owner: 'free',
      visibility: 'PRIVATE',
      collaborative: true,
      tracks: ['song-1', 'song-1'],
    },
  ],
}
const LONG = derivedId('playlist', 'demo:long')

let playlists: TestRoom

beforeAll(async () => {
  playlists = await createTestRoom()
})
afterAll(() => playlists[Symbol.asyncDispose]())

test('the demo’s lists are its accounts’, hold its tracks in order, and have a history like any other', async () => {
  await playlists.room.loadDemo(demo)

  const rows = await playlists.db.playlistItem.findMany({
    where: { playlistId: LONG },
    orderBy: { rank: 'asc' },
  })
  expect(rows.map((row) => row.trackId)).toEqual(
    range(0, 130).map((n) => derivedId('track', `demo:song-${n}`)),
  )
  const owner = { ...NOBODY, userId: derivedId('user', 'demo:free') }
  const hidden = await playlists.answer('PlaylistPage', { id: derivedId('playlist', 'demo:hidden') }, owner)
  expect(hidden).toMatchObject({
    viewerRole: 'OWNER',
    revision: 2,
    items: { totalCount: 2 },
  })

  const subscriber = await subscribe(playlists, LONG, { since: 0 })
  const view = createView()
  for (const _ of ['creation', 'first block', 'second block']) view.apply((await subscriber.next()) as never)
  await subscriber.leave()
  expect(view).toMatchObject({ revision: 3, items: rows.map((row) => row.id) })
})

test('loaded again, it leaves the lists as people have made them since', async () => {
  const owner = { ...NOBODY, userId: derivedId('user', 'demo:premium') }
  await playlists.answer('PlaylistUpdate', { input: { playlistId: LONG, name: 'Longer' } }, owner)

  await playlists.room.loadDemo(demo)

  expect(await playlists.answer('PlaylistPage', { id: LONG })).toMatchObject({
    name: 'Longer',
    items: { totalCount: 130 },
  })
  expect(await playlists.db.playlist.count()).toBe(2)
})
