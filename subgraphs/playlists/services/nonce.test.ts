import { afterAll, beforeAll, expect, test } from 'vitest'
import { ann, bob, createEdits, type Edits } from '../testing/edits.ts'
import { createTestRoom, range, type TestRoom } from '../testing/playlists-room.ts'

let playlists: TestRoom
let edits: Edits

beforeAll(async () => {
  playlists = await createTestRoom()
  edits = createEdits(playlists, await playlists.another())
})
afterAll(() => playlists[Symbol.asyncDispose]())

test('sent again, an edit is not made again and has its first answer, whatever the revision it has seen', async () => {
  const { id, items } = await edits.shared([1, 2])
  const first = await edits.add(ann, id, [3], { nonce: 'a', onDuplicate: 'SKIP' })
  await edits.move(ann, id, [items[0]], { end: true }, { nonce: 'b' })
  await edits.remove(bob, id, [items[1]])

  const again = await edits.add(ann, id, [3], { nonce: 'a', onDuplicate: 'SKIP', baseRevision: 5 })
  const moved = await edits.move(ann, id, [items[0]], { end: true }, { nonce: 'b' })

  expect(again).toMatchObject({ revision: first['revision'], items: first['items'], alreadyApplied: true })
  expect(again['items']).toHaveLength(1)
  expect(moved).toMatchObject({ revision: 4, userErrors: [] })
  expect(await playlists.tracksOf(id)).toEqual([3, 1])
})

test('sent again with other content, it is NONCE_REUSED', async () => {
  const { id, items } = await edits.shared([1])
  await edits.add(ann, id, [2], { nonce: 'a' })

  const others = [
    await edits.add(ann, id, [3], { nonce: 'a' }),
    await edits.add(ann, id, [2], { nonce: 'a', position: { start: true } }),
    await edits.remove(ann, id, items, { nonce: 'a' }),
    await edits.update(ann, id, { name: 'x', nonce: 'a' }),
  ]

  for (const other of others)
    expect(other['userErrors']).toMatchObject([{ code: 'NONCE_REUSED', field: ['nonce'] }])
  expect(await playlists.tracksOf(id)).toEqual([1, 2])
})

test('one person’s nonce is not another’s, nor that of another list', async () => {
  const one = await edits.shared([])
  const other = await edits.shared([])

  const answers = [
    await edits.add(ann, one.id, [1], { nonce: 'a' }),
    await edits.add(bob, one.id, [1], { nonce: 'a' }),
    await edits.add(ann, other.id, [1], { nonce: 'a' }),
  ]

  expect(answers.map((it) => it['alreadyApplied'])).toEqual([false, false, false])
})

test('an edit that found nothing to do is remembered as well', async () => {
  const { id, items } = await edits.shared([1])
  await edits.add(ann, id, [1], { nonce: 'a', onDuplicate: 'SKIP' })
  await edits.remove(bob, id, items)

  const again = await edits.add(ann, id, [1], { nonce: 'a', onDuplicate: 'SKIP' })

  expect(again).toMatchObject({ revision: 2, items: [], alreadyApplied: true })
  expect(again['skipped']).toHaveLength(1)
  expect(await playlists.tracksOf(id)).toEqual([])
})

test('a refusal is not: the same nonce may succeed later', async () => {
  const { id } = await edits.shared([1])
  const required = { nonce: 'a', requireRevision: true }

  const refused = await edits.add(ann, id, [2], { ...required, baseRevision: 1 })
  const accepted = await edits.add(ann, id, [2], { ...required, baseRevision: 2 })

  expect(refused['userErrors']).toMatchObject([{ code: 'CONFLICT' }])
  expect(accepted).toMatchObject({ revision: 3, alreadyApplied: false })
})

test('makes one playlist, however often and however many ask', async () => {
  const create = (input: object) =>
    playlists.answer('PlaylistCreate', { input: { name: 'Once', nonce: 'new', ...input } }, ann)

  const made = await Promise.all(range(0, 5).map(() => create({})))
  const other = await create({ name: 'Twice' })
  const bobs = await playlists.answer('PlaylistCreate', { input: { name: 'Once', nonce: 'new' } }, bob)

  expect(new Set(made.map((it) => it['playlist']?.['id']))).toHaveLength(1)
  expect(other['userErrors']).toMatchObject([{ code: 'NONCE_REUSED' }])
  expect(bobs['playlist']?.['id']).not.toBe(made[0]?.['playlist']?.['id'])
})
