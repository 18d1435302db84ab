import { afterAll, beforeAll, expect, test } from 'vitest'
import { ann, codeOf, createEdits, type Edits } from '../testing/edits.ts'
import { createTestRoom, range, type TestRoom } from '../testing/playlists-room.ts'

const KEPT = 10

let playlists: TestRoom
let edits: Edits

beforeAll(async () => {
  playlists = await createTestRoom(KEPT)
  edits = createEdits(playlists, playlists)
})
afterAll(() => playlists[Symbol.asyncDispose]())

test('what lies beyond retention is forgotten: log, nonces and tombstones, and only of the list that grew', async () => {
  const { id, items } = await playlists.create(ann, [1, 2, 3])
  const other = await playlists.create(ann, [1])
  await edits.remove(ann, id, [items[0]], { nonce: 'early' })
  for (const n of range(0, 5)) await edits.update(ann, id, { name: `name ${n}` })
  await edits.remove(ann, id, [items[1]], { nonce: 'late' })
  for (const n of range(5, 11)) await edits.update(ann, id, { name: `name ${n}` })

  await expect.poll(() => playlists.db.playlistOp.count({ where: { playlistId: id } })).toBe(KEPT)

  const rows = await playlists.db.playlistItem.findMany({
    where: { playlistId: id },
    orderBy: { rank: 'asc' },
  })
  const answers = await playlists.db.playlistAnswer.findMany({ where: { playlistId: id } })
  expect(rows.map((row) => row.id)).toEqual([items[1], items[2]])
  expect(answers.map((row) => row.nonce)).toEqual(['late'])
  expect(await playlists.db.playlistOp.count({ where: { playlistId: other.id } })).toBe(2)
})

test('an anchor or item whose tombstone is gone is as good as one that never was', async () => {
  const { id, items } = await playlists.create(ann, [1, 2])
  await edits.remove(ann, id, [items[0]])
  for (const n of range(0, KEPT + 1)) await edits.update(ann, id, { name: `name ${n}` })
  await expect.poll(() => playlists.db.playlistItem.count({ where: { playlistId: id } })).toBe(1)

  expect(codeOf(await edits.add(ann, id, [3], { position: { after: items[0] } }))).toBe('BAD_USER_INPUT')
  expect(codeOf(await edits.remove(ann, id, [items[0]]))).toBe('NOT_FOUND')
  expect(codeOf(await edits.update(ann, id, { name: 'mine', baseRevision: 1 }))).toBe('CONFLICT')
})
