import { afterAll, beforeAll, expect, test } from 'vitest'
import { ann, bob, createEdits, type Edits } from '../testing/edits.ts'
import { createTestRoom, type TestRoom, trackId } from '../testing/playlists-room.ts'

let playlists: TestRoom
let edits: Edits

beforeAll(async () => {
  playlists = await createTestRoom()
  edits = createEdits(playlists, await playlists.another())
})
afterAll(() => playlists[Symbol.asyncDispose]())

const tracks = [1, 2, 3, 3, 1]

test('ALLOW, the default, adds them', async () => {
  const { id } = await edits.shared([1])

  await edits.add(ann, id, tracks)

  expect(await playlists.tracksOf(id)).toEqual([1, 1, 2, 3, 3, 1])
})

test('SKIP adds what is new, once, and says what it left out', async () => {
  const { id } = await edits.shared([1])

  const added = await edits.add(ann, id, tracks, { onDuplicate: 'SKIP' })

  expect(added['skipped']).toEqual([1, 3, 1].map((n) => ({ trackId: trackId(n), reason: 'DUPLICATE' })))
  expect(await playlists.tracksOf(id)).toEqual([1, 2, 3])
})

test('FAIL adds nothing and names the first of them', async () => {
  const { id } = await edits.shared([2])

  const added = await edits.add(ann, id, tracks, { onDuplicate: 'FAIL' })

  expect(added).toMatchObject({ revision: null, items: [], skipped: [] })
  expect(added['userErrors']).toMatchObject([{ code: 'DUPLICATE', field: ['trackIds', '1'] }])
  expect(await playlists.tracksOf(id)).toEqual([2])
})

test('a removed item is no double', async () => {
  const { id, items } = await edits.shared([1])
  await edits.remove(bob, id, items)

  const added = await edits.add(ann, id, [1], { onDuplicate: 'FAIL' })

  expect(added['userErrors']).toEqual([])
})

test('a track nobody knows is skipped, and an edit that has nothing left makes no revision', async () => {
  const { id } = await edits.shared([1])
  const unknown = 'track_nobodyKnowsThisTrack00'

  const some = await edits.add(ann, id, [2], { trackIds: [unknown, trackId(2)] })
  const none = await edits.add(ann, id, [], { trackIds: [unknown] })

  expect(some).toMatchObject({ revision: 3, skipped: [{ trackId: unknown, reason: 'NOT_FOUND' }] })
  expect(none).toMatchObject({ revision: 3, items: [], alreadyApplied: false, userErrors: [] })
})
