import { afterAll, beforeAll, expect, test } from 'vitest'
import { ann, createEdits, type Edits } from '../testing/edits.ts'
import { createTestRoom, range, type TestRoom } from '../testing/playlists-room.ts'
import { createView, subscribe } from '../testing/view.ts'

let playlists: TestRoom
let edits: Edits

beforeAll(async () => {
  playlists = await createTestRoom()
  edits = createEdits(playlists, playlists)
})
afterAll(() => playlists[Symbol.asyncDispose]())

test('a gap that is filled again and again is widened: ranks stay short, nothing moves, and nobody is told', async () => {
  const { id, items } = await playlists.create(ann, range(0, 150), { visibility: 'PUBLIC' })
  const subscriber = await subscribe(playlists, id, { since: 3 })
  const view = createView()
  Object.assign(view, { revision: 3, items })

  const FILLS = 120
  for (const n of range(0, FILLS)) {
    await edits.add(ann, id, range(n, n + 10), { position: { after: items[74] } })
    view.apply((await subscriber.next()) as never)
  }
  await subscriber.leave()

  const rows = await playlists.db.playlistItem.findMany({
    where: { playlistId: id },
    orderBy: { rank: 'asc' },
  })
  const { rankEpoch, revision } = await playlists.db.playlist.findUniqueOrThrow({ where: { id } })
  expect(rankEpoch).toBeGreaterThan(1)
  expect(Math.max(...rows.map((row) => row.rank.length))).toBeLessThanOrEqual(32)
  expect(revision).toBe(3 + FILLS)
  expect(view.items).toEqual(rows.map((row) => row.id))
  const filled = range(0, FILLS).flatMap((n) => range(FILLS - 1 - n, FILLS + 9 - n))
  expect(await playlists.tracksOf(id)).toEqual([...range(0, 75), ...filled, ...range(75, 150)])
})

test('a cursor of before goes on where it was after ranks have been given anew', async () => {
  const { id, items } = await playlists.create(ann, range(0, 60))
  const first = await playlists.answer('PlaylistPage', { id, first: 30 }, ann)
  for (const n of range(0, 60)) await edits.add(ann, id, range(n, n + 20), { position: { after: items[28] } })
  const { rankEpoch } = await playlists.db.playlist.findUniqueOrThrow({ where: { id } })

  const after = first['items']?.['pageInfo']?.['endCursor']
  const second = await playlists.answer('PlaylistPage', { id, first: 100, after }, ann)

  const { edges } = second['items'] as unknown as { edges: { node: { id: string } }[] }
  expect(rankEpoch).toBeGreaterThan(0)
  expect(edges.map((edge) => edge.node.id)).toEqual(items.slice(30))
})
