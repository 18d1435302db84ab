import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeCursor } from '#shared/connection.ts'
import { derivedId } from '#shared/id.ts'
import type { Identity } from '#shared/identity.ts'
import { ann, bob } from '../testing/edits.ts'
import {
  createTestRoom,
  FOLLOW,
  type Json,
  NOBODY,
  person,
  range,
  type TestRoom,
} from '../testing/playlists-room.ts'
import { readsOf } from '../testing/reads.ts'

const eve = person('eve')

const PLAYLISTS = `query ($id: ID!, $first: Int, $after: String) { entities: _entities(representations: [{ __typename: "User", id: $id }]) {
  ... on User { playlists(first: $first, after: $after) {
    totalCount nodes { id name } edges { cursor node { id } } pageInfo { hasNextPage endCursor }
  } }
} }`

let playlists: TestRoom

beforeAll(async () => {
  playlists = await createTestRoom()
})
afterAll(() => playlists[Symbol.asyncDispose]())

const answer: TestRoom['answer'] = (...args) => playlists.answer(...args)

test('followers are counted once each, however often they ask', async () => {
  const { id } = await playlists.create(ann, [], { visibility: 'PUBLIC' })

  await Promise.all(range(0, 8).map((n) => answer(FOLLOW, { id, follow: true }, n % 2 ? bob : eve)))
  const left = await answer(FOLLOW, { id, follow: false }, eve)
  const leftAgain = await answer(FOLLOW, { id, follow: false }, eve)

  for (const it of [left, leftAgain])
    expect(it['playlist']).toEqual({ id, followerCount: 1, viewerIsFollowing: false })
  expect(await answer('PlaylistPage', { id }, bob)).toMatchObject({
    followerCount: 1,
    viewerIsFollowing: true,
    viewerRole: 'VIEWER',
  })
})

test('a library holds own, joined and followed lists, each once, the newest first; others see what is public', async () => {
  const [zoe, yan] = [person('zoe'), person('yan')]
  const own = await playlists.create(zoe, [], { name: 'own' })
  const joined = await playlists.create(yan, [], { name: 'joined' })
  const followed = await playlists.create(yan, [], { name: 'followed', visibility: 'PUBLIC' })
  const hidden = await playlists.create(yan, [], { name: 'hidden', visibility: 'PUBLIC' })
  const deleted = await playlists.create(yan, [], { name: 'deleted', visibility: 'PUBLIC' })
  await playlists.join(joined.id, yan, zoe, 'VIEWER')
  for (const { id } of [followed, hidden, deleted]) await answer(FOLLOW, { id, follow: true }, zoe)
  await playlists.join(followed.id, yan, zoe, 'VIEWER')
  await answer('PlaylistUpdate', { input: { playlistId: hidden.id, visibility: 'PRIVATE' } }, yan)
  await answer('PlaylistDelete', { id: deleted.id }, yan)
  const published = await playlists.create(zoe, [], { name: 'published', visibility: 'PUBLIC' })
  const shelf = async (who: Identity, page: object = {}) =>
    ((await answer(PLAYLISTS, { id: zoe.userId, ...page }, who)) as readonly Json[])[0]?.['playlists'] as Json

  const whole = await shelf(zoe)
  const names = (whole['nodes'] as readonly Json[]).map((node) => node['name'])
  const paged: unknown[] = []
  for (let after: unknown = null, isLast = false; !isLast; ) {
    const page = await shelf(zoe, { first: 1, after })
    paged.push(page['nodes']?.[0]?.['name'])
    after = page['pageInfo']?.['endCursor']
    isLast = page['pageInfo']?.['hasNextPage'] !== true
  }

  expect(names).toEqual(['published', 'followed', 'joined', 'own'])
  expect(paged).toEqual(names)
  expect(whole['totalCount']).toBe(4)
  expect(await shelf(bob)).toMatchObject({ totalCount: 1, nodes: [{ id: published.id }] })
  expect(await shelf(NOBODY)).toMatchObject({ totalCount: 1, nodes: [{ id: published.id }] })
  expect(own.id).not.toBe(published.id)
})

test('a page of lists costs one read a level', async () => {
  const max = person('max')
  for (const n of range(0, 5)) {
    const { id } = await playlists.create(max, [n, n + 1], { visibility: 'PUBLIC' })
    await playlists.join(id, max, bob)
  }
  const query = `{ viewer { playlists(first: 50) { totalCount nodes {
    name viewerRole owner { id } collaborators { user { id } } followerCount viewerIsFollowing durationMs
    items(first: 2) { nodes { id track { id } } }
  } } } }`

  const reads = await readsOf(() => answer(query, {}, max))

  // the page, its count, the lists, their members, whether followed, lengths, items
  expect(reads).toBe(7)
})

test('nobody is nobody', async () => {
  expect(await answer('{ viewer { id } }', {}, NOBODY)).toBeNull()
  expect(await answer(PLAYLISTS, { id: derivedId('user', 'nobody') }, NOBODY)).toMatchObject([
    { playlists: { totalCount: 0, nodes: [] } },
  ])
  expect(await answer(PLAYLISTS, { id: 'user\u0000' }, NOBODY)).toEqual([null])
})

test.each(['x', 'WyJhIl0', encodeCursor('1', 'user_0000000000000000000000')])(
  'a cursor that we did not make (%s) is BAD_USER_INPUT',
  async (after) => {
    const { errors } = await playlists.ask(PLAYLISTS, { id: ann.userId, after }, ann)

    expect(errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT')
  },
)
