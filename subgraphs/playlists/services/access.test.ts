import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Identity } from '#shared/identity.ts'
import { ann, bob, codeOf } from '../testing/edits.ts'
import {
  createTestRoom,
  FOLLOW,
  INVITE,
  NOBODY,
  person,
  type TestRoom,
  trackId,
} from '../testing/playlists-room.ts'

const eve = person('eve')
const MISSING = 'playlist_0000000000000000000000'

let playlists: TestRoom

beforeAll(async () => {
  playlists = await createTestRoom()
})
afterAll(() => playlists[Symbol.asyncDispose]())

const answer: TestRoom['answer'] = (...args) => playlists.answer(...args)
const refusal = async (...args: Parameters<TestRoom['answer']>): Promise<unknown> =>
  codeOf(await answer(...args))

/** What each edit of a list answers this person. */
async function refusals(id: string, items: readonly string[], who: Identity): Promise<unknown[]> {
  const playlistId = id
  return [
    await refusal('PlaylistAddItems', { input: { playlistId, trackIds: [trackId(1)] } }, who),
    await refusal(
      'PlaylistMoveItems',
      { input: { playlistId, itemIds: [items[0]], position: { end: true } } },
      who,
    ),
    await refusal('PlaylistRemoveItems', { input: { playlistId, itemIds: [items[0]] } }, who),
    await refusal('PlaylistUpdate', { input: { playlistId, name: 'Mine' } }, who),
    await refusal(INVITE, { input: { playlistId, role: 'VIEWER', expiresInHours: 1 } }, who),
    await refusal('PlaylistDelete', { id }, who),
  ]
}

test('a private list is NOT_FOUND to strangers, like one that does not exist', async () => {
  const { id, items } = await playlists.create(ann, [1])

  expect(await refusals(id, items, eve)).toEqual(Array(6).fill('NOT_FOUND'))
  for (const missing of [MISSING, '', 'playlist', '\u0000'])
    expect(await refusals(missing, items, eve)).toEqual(Array(6).fill('NOT_FOUND'))
  expect(await refusal(FOLLOW, { id, follow: true }, eve)).toBe('NOT_FOUND')
  expect(await refusal(FOLLOW, { id: '\u0000', follow: true }, eve)).toBe('NOT_FOUND')
})

test('a public list is FORBIDDEN to strangers, and so it is to viewers', async () => {
  const { id, items } = await playlists.create(ann, [1], { visibility: 'PUBLIC', collaborative: true })
  await playlists.join(id, ann, bob, 'VIEWER')

  expect(await refusals(id, items, eve)).toEqual(Array(6).fill('FORBIDDEN'))
  expect(await refusals(id, items, bob)).toEqual(Array(6).fill('FORBIDDEN'))
})

test('editors edit items and nothing else, while the list is collaborative', async () => {
  const { id, items } = await playlists.create(ann, [1, 2], { collaborative: true })
  await playlists.join(id, ann, bob)

  expect(await refusals(id, items, bob)).toEqual([null, null, null, 'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'])
  expect(await answer('PlaylistPage', { id }, bob)).toMatchObject({
    viewerRole: 'EDITOR',
    collaborators: [{ role: 'EDITOR', user: { id: bob.userId } }],
  })
  await answer('PlaylistUpdate', { input: { playlistId: id, collaborative: false } }, ann)
  expect(await refusals(id, items, bob)).toEqual(Array(6).fill('FORBIDDEN'))
  expect(await answer('PlaylistPage', { id }, bob)).toMatchObject({ viewerRole: 'VIEWER' })
})

test('the owner may do everything', async () => {
  const { id, items } = await playlists.create(ann, [1])

  expect(await refusals(id, items, ann)).toEqual(Array(6).fill(null))
  expect(await answer('PlaylistPage', { id }, ann)).toBeNull()
  expect(await refusals(id, items, ann)).toEqual(Array(6).fill('NOT_FOUND'))
})

test('without a token every edit is UNAUTHENTICATED', async () => {
  const { id, items } = await playlists.create(ann, [1], { visibility: 'PUBLIC' })
  const input = { playlistId: id }
  const edits: [string, object][] = [
    ['PlaylistCreate', { input: { name: 'x' } }],
    ['PlaylistAddItems', { input: { ...input, trackIds: [trackId(1)] } }],
    ['PlaylistRemoveItems', { input: { ...input, itemIds: items } }],
    ['PlaylistMoveItems', { input: { ...input, itemIds: items, position: { end: true } } }],
    ['PlaylistUpdate', { input: { ...input, name: 'x' } }],
    ['PlaylistDelete', { id }],
    ['PlaylistInvite', { id }],
    ['PlaylistJoin', { token: 'inv_x' }],
    [FOLLOW, { id, follow: true }],
  ]

  for (const [operation, variables] of edits) {
    const { errors } = await playlists.ask(operation, { ...variables }, NOBODY)
    expect([operation, errors?.[0]?.extensions?.['code']]).toEqual([operation, 'UNAUTHENTICATED'])
  }
})
