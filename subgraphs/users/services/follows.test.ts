import { afterAll, beforeAll, expect, test } from 'vitest'
import { derivedId } from '#shared/id.ts'
import { createTestRoom, type Json, type Person, type TestRoom } from '../testing/users-room.ts'

const SET = `mutation ($id: ID!, $follow: Boolean) {
  follow(input: { id: $id, follow: $follow }) {
    following
    subject { __typename ... on User { id displayName email } ... on Artist { id } }
    userErrors { code field }
  }
}`
const FOLLOWING = `query ($first: Int, $after: String) {
  viewer {
    following(first: $first, after: $after) {
      edges { cursor node { ... on User { id } ... on Artist { id } } }
      nodes { __typename }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      totalCount
    }
  }
}`
const artistId = derivedId('artist', 'wren')

let users: TestRoom
let ann: Person
let bob: Person

beforeAll(async () => {
  users = await createTestRoom()
  ann = await users.signUp('ann@example.com')
  bob = await users.signUp('bob@example.com', { displayName: 'Bob' })
  await users.db.artist.create({ data: { id: artistId, version: 1 } })
})
afterAll(() => users[Symbol.asyncDispose]())

const set = async (id: string, follow?: boolean | null, person = ann): Promise<Json> =>
  (await users.answer(SET, { id, follow }, person.identity))['follow'] as Json
const following = async (variables: object, person = ann): Promise<Json> =>
  (await users.answer(FOLLOWING, { ...variables }, person.identity))['viewer']?.['following'] as Json

test('Follow answers as the contract writes it', async () => {
  const person = await users.signUp('verbatim@example.com')

  const answer = await users.answer('Follow', { id: artistId }, person.identity)

  expect(answer).toEqual({ follow: { following: true, userErrors: [] } })
  const viewer = (await users.answer('Viewer', {}, person.identity))['viewer']
  expect(viewer?.['following']).toEqual({ nodes: [{ __typename: 'Artist' }], totalCount: 1 })
})

test('a user or an artist is followed once however often one says so, and no more after follow: false', async () => {
  const toBob = {
    following: true,
    subject: { __typename: 'User', id: bob.userId, displayName: 'Bob', email: null },
  }
  const toArtist = { following: true, subject: { __typename: 'Artist', id: artistId } }

  expect(await set(bob.userId)).toEqual({ ...toBob, userErrors: [] })
  expect(await set(bob.userId, true)).toEqual({ ...toBob, userErrors: [] })
  expect(await set(artistId, null)).toEqual({ ...toArtist, userErrors: [] })
  expect((await following({ first: 5 }))['totalCount']).toBe(2)

  expect(await set(bob.userId, false)).toMatchObject({ following: false, userErrors: [] })
  expect(await set(bob.userId, false)).toMatchObject({ following: false, userErrors: [] })
  expect((await following({ first: 5 }))['nodes']).toEqual([{ __typename: 'Artist' }])
})

test('whoever is not there is NOT_FOUND, oneself is BAD_USER_INPUT', async () => {
  const unknown = [
    '',
    'user_0000000000000000000000',
    derivedId('artist', 'nobody'),
    derivedId('track', 'one'),
    ann.deviceId,
    'artist_\u0000',
  ]

  for (const id of unknown)
    expect(await set(id)).toEqual({
      following: null,
      subject: null,
      userErrors: [{ code: 'NOT_FOUND', field: ['id'] }],
    })
  expect(await set(ann.userId)).toMatchObject({ following: null, userErrors: [{ code: 'BAD_USER_INPUT' }] })
})

test('following is paged newest first, each subject once, with the whole count', async () => {
  const person = await users.signUp('pages@example.com')
  const ids = Array.from({ length: 7 }, (_, index) => derivedId('artist', `page ${index}`))
  await users.db.artist.createMany({ data: ids.map((id) => ({ id, version: 1 })) })
  for (const id of ids) await set(id, true, person)

  const seen: string[] = []
  let page = await following({ first: 3 }, person)
  expect(page['pageInfo']).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
  for (let after: string | undefined; ; page = await following({ first: 3, after }, person)) {
    expect(page['totalCount']).toBe(7)
    for (const edge of page['edges'] as readonly Json[]) seen.push(edge['node']?.['id'] ?? '')
    after = page['pageInfo']?.['endCursor']
    if (page['pageInfo']?.['hasNextPage'] !== true) break
  }

  expect(seen).toEqual(ids.toReversed())
  expect(page['pageInfo']).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
})

test('a page has 1 to 100 entries, and a cursor has to be one of ours', async () => {
  const codeOf = async (variables: Record<string, unknown>) =>
    (await users.ask(FOLLOWING, variables, ann.identity)).errors?.[0]?.extensions?.['code']
  const cursor = (text: string) => Buffer.from(text).toString('base64url')

  for (const first of [1, 100, null]) expect(await codeOf({ first })).toBeUndefined()
  for (const first of [0, 101, -1]) expect(await codeOf({ first })).toBe('BAD_USER_INPUT')
  for (const after of [
    '',
    'x',
    cursor('["a"]'),
    cursor('["-1"]'),
    cursor(`["${'9'.repeat(30)}"]`),
    cursor('["\\u0000"]'),
  ])
    expect(await codeOf({ after })).toBe('BAD_USER_INPUT')
})

test('an account that is gone follows nobody', async () => {
  const gone = { ...ann.identity, userId: 'user_0000000000000000000000' }

  const { errors } = await users.ask(SET, { id: bob.userId }, gone)

  expect(errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED')
})
