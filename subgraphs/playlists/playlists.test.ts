import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ann, bob, codeOf } from './testing/edits.ts'
import { createTestRoom, type Json, NOBODY, range, type TestRoom, trackId } from './testing/playlists-room.ts'
import { readsOf } from './testing/reads.ts'

const MISSING = 'playlist_0000000000000000000000'

let playlists: TestRoom

beforeAll(async () => {
  playlists = await createTestRoom()
})
afterAll(() => playlists[Symbol.asyncDispose]())

const answer: TestRoom['answer'] = (...args) => playlists.answer(...args)

describe('references', () => {
  const ENTITIES = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
    ... on Playlist { id ref name } ... on PlaylistItem { id ref track { id } }
  } }`

  test('a batch is resolved in order with one query; missing and private are null alike', async () => {
    const open = await playlists.create(ann, [1], { visibility: 'PUBLIC', name: 'Open' })
    const closed = await playlists.create(ann, [1], { name: 'Closed' })
    const gone = await playlists.create(ann, [1], { visibility: 'PUBLIC' })
    await answer('PlaylistDelete', { id: gone.id }, ann)
    const representations = [closed.id, MISSING, open.id, gone.id, 'playlist\u0000', open.id].map(
      (id, index) => (index % 2 === 0 ? { __typename: 'Playlist', id } : { __typename: 'Playlist', ref: id }),
    )

    const found: { entities?: Json } = {}
    const reads = await readsOf(async () => {
      found.entities = await answer(ENTITIES, { representations }, bob)
    })

    expect(found.entities).toEqual([
      null,
      null,
      { id: open.id, ref: open.id, name: 'Open' },
      null,
      null,
      { id: open.id, ref: open.id, name: 'Open' },
    ])
    expect(reads).toBe(1)
  })

  test('an item is there for those who may see its list, until it is removed', async () => {
    const { id, items } = await playlists.create(ann, [1, 2])
    const representations = items.map((item) => ({ __typename: 'PlaylistItem', ref: item }))
    await answer('PlaylistRemoveItems', { input: { playlistId: id, itemIds: [items[0]] } }, ann)

    expect(await answer(ENTITIES, { representations }, ann)).toEqual([
      null,
      { id: items[1], ref: items[1], track: { id: trackId(2) } },
    ])
    expect(await answer(ENTITIES, { representations }, bob)).toEqual([null, null])
  })
})

describe('creating and changing', () => {
  test('a new list is private, at revision 1, and its owner’s', async () => {
    const input = { name: '  Road trip ', description: ' ' }
    const { playlist } = (await answer('PlaylistCreate', { input }, ann)) as Record<string, Json>

    expect(playlist).toMatchObject({
      name: 'Road trip',
      revision: 1,
      visibility: 'PRIVATE',
      collaborative: false,
      owner: { id: ann.userId },
    })
    expect(await answer('PlaylistPage', { id: playlist?.['id'] }, ann)).toMatchObject({
      description: null,
      viewerRole: 'OWNER',
      durationMs: 0,
    })
    expect(await answer('PlaylistPage', { id: playlist?.['id'] }, bob)).toBeNull()
    expect(await answer('PlaylistPage', { id: playlist?.['id'] }, NOBODY)).toBeNull()
  })

  test.each([
    ['name', 'x'.repeat(200), null],
    ['name', '𝄞'.repeat(200), null],
    ['name', 'x'.repeat(201), 'BAD_USER_INPUT'],
    ['name', '   ', 'BAD_USER_INPUT'],
    ['name', 'a\u0000b', 'BAD_USER_INPUT'],
    ['name', 'half \ud83d', 'BAD_USER_INPUT'],
    ['name', '\u200b', 'BAD_USER_INPUT'],
    ['description', 'x'.repeat(2_000), null],
    ['description', 'x'.repeat(2_001), 'BAD_USER_INPUT'],
    ['description', 'a\u0000b', 'BAD_USER_INPUT'],
    ['nonce', 'x'.repeat(100), null],
    ['nonce', 'x'.repeat(101), 'BAD_USER_INPUT'],
    ['nonce', '', 'BAD_USER_INPUT'],
    ['nonce', '\u0000', 'BAD_USER_INPUT'],
  ])('%s %j is answered with %j', async (field, value, expected) => {
    const { id } = await playlists.create(ann, [])
    const created = await answer('PlaylistCreate', { input: { name: 'x', [field]: value } }, ann)
    const updated = await answer('PlaylistUpdate', { input: { playlistId: id, [field]: value } }, ann)

    expect([codeOf(created), codeOf(updated)]).toEqual([expected, expected])
    if (expected !== null) expect(created['userErrors']?.[0]?.['field']).toEqual([field])
  })

  test('a change of nothing makes no revision; a description goes with null', async () => {
    const { id } = await playlists.create(ann, [], { description: 'old' })

    const same = await answer('PlaylistUpdate', { input: { playlistId: id, name: 'Road trip' } }, ann)
    const cleared = await answer(
      'PlaylistUpdate',
      { input: { playlistId: id, description: null, name: null } },
      ann,
    )

    expect(same['playlist']).toMatchObject({ revision: 1 })
    expect(cleared['playlist']).toMatchObject({ revision: 2, name: 'Road trip' })
    expect(await answer('PlaylistPage', { id }, ann)).toMatchObject({ description: null })
  })

  test('a document of two edits shows each list as it is after each', async () => {
    const { id } = await playlists.create(ann, [])
    const query = `mutation ($id: ID!) {
      one: playlistUpdate(input: { playlistId: $id, name: "One" }) { playlist { name revision } }
      two: playlistUpdate(input: { playlistId: $id, name: "Two" }) { playlist { name revision } }
    }`

    expect((await playlists.ask(query, { id }, ann)).data).toEqual({
      one: { playlist: { name: 'One', revision: 2 } },
      two: { playlist: { name: 'Two', revision: 3 } },
    })
  })

  test('every edit says what the list has become, in the order of its revisions', async () => {
    const { id } = await playlists.create(ann, [1], { name: 'Said', visibility: 'PUBLIC' })
    await Promise.all(
      range(0, 5).map((n) => answer('PlaylistUpdate', { input: { playlistId: id, name: `Said ${n}` } }, ann)),
    )
    await answer('PlaylistDelete', { id }, ann)

    const events = await playlists.db.$queryRaw<{ key: string; payload: Json }[]>`
      SELECT key, payload FROM outbox WHERE topic = 'playlists.playlist-changed.v1' AND key = ${id} ORDER BY xid, seq`

    expect(events.map(({ payload }) => payload['revision'])).toEqual(range(1, 9))
    expect(events[1]?.payload).toEqual({
      playlistId: id,
      name: 'Said',
      description: null,
      visibility: 'PUBLIC',
      ownerId: ann.userId,
      revision: 2,
      isDeleted: false,
    })
    expect(events.map(({ payload }) => payload['isDeleted'])).toEqual([...Array(7).fill(false), true])
  })
})
