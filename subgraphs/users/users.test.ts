import pg from 'pg'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  createTestRoom,
  identityOf,
  NOBODY,
  PASSWORD,
  type Person,
  type TestRoom,
} from './testing/users-room.ts'

const ENTITIES = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    ... on User { id ref displayName email tier country devices { id } following { totalCount } }
    ... on Device { id ref name }
  }
}`

let users: TestRoom
let ann: Person
let bob: Person

beforeAll(async () => {
  users = await createTestRoom()
  ann = await users.signUp('ann@example.com', { displayName: 'Ann' })
  bob = await users.signUp('bob@example.com', { displayName: 'Bob' })
})
afterAll(() => users[Symbol.asyncDispose]())

test('a batch of references is resolved in order with one query', async () => {
  const representations = [
    { __typename: 'User', id: bob.userId },
    { __typename: 'User', id: 'user_0000000000000000000000' },
    { __typename: 'User', ref: ann.userId },
    { __typename: 'User', id: 'user\u0000' },
    { __typename: 'User', id: bob.userId },
  ]
  const query = `query ($representations: [_Any!]!) {
    _entities(representations: $representations) { ... on User { id displayName } }
  }`
  const queries = vi.spyOn(pg.Client.prototype, 'query')

  const answer = await users.answer(query, { representations })
  const reads = queries.mock.calls.filter(([config]) => JSON.stringify(config).includes('"account\\"'))
  queries.mockRestore()

  expect(reads).toHaveLength(1)
  expect(answer['_entities']).toEqual([
    { id: bob.userId, displayName: 'Bob' },
    null,
    { id: ann.userId, displayName: 'Ann' },
    null,
    { id: bob.userId, displayName: 'Bob' },
  ])
})

test('a person is whole to themselves and a name to others', async () => {
  const representations = [{ __typename: 'User', id: ann.userId }]
  const whole = {
    id: ann.userId,
    ref: ann.userId,
    displayName: 'Ann',
    email: 'ann@example.com',
    tier: 'FREE',
    country: 'SE',
    devices: [{ id: ann.deviceId }],
    following: { totalCount: 0 },
  }
  const toOthers = { ...whole, email: null, tier: null, country: null, devices: null, following: null }

  const seenBy = async (identity: Person['identity']) =>
    (await users.answer(ENTITIES, { representations }, identity))['_entities']?.[0]

  expect(await seenBy(ann.identity)).toEqual(whole)
  expect(await seenBy(bob.identity)).toEqual(toOthers)
  expect(await seenBy(NOBODY)).toEqual(toOthers)
  expect(await seenBy({ ...bob.identity, role: 'ADMIN' })).toEqual({ ...toOthers, tier: 'FREE' })
})

test('a device exists for its owner alone, by either key', async () => {
  const representations = [
    { __typename: 'Device', id: ann.deviceId },
    { __typename: 'Device', ref: ann.deviceId },
    { __typename: 'Device', id: bob.deviceId },
  ]
  const device = { id: ann.deviceId, ref: ann.deviceId, name: 'Kitchen radio' }

  const seenBy = async (identity: Person['identity']) =>
    (await users.answer(ENTITIES, { representations }, identity))['_entities']

  expect(await seenBy(ann.identity)).toEqual([device, device, null])
  expect(await seenBy(NOBODY)).toEqual([null, null, null])
})

test('Viewer, SignUp, SignIn, SessionRefresh and SignOut answer as the contract writes them', async () => {
  const input = {
    email: '  Cleo@Example.COM ',
    password: PASSWORD,
    displayName: 'Cleo',
    country: 'GB',
    device: { name: 'Browser', kind: 'WEB', publicKey: 'key' },
  }
  const signedUp = (await users.answer('SignUp', { input }))['signUp']
  const session = signedUp?.['session']
  const deviceId = session?.['device']?.['id']
  const userId = session?.['user']?.['id']
  expect(signedUp).toEqual({
    session: {
      accessToken: expect.stringMatching(/^ey/),
      accessTokenExpiresAt: expect.stringMatching(/Z$/),
      refreshToken: expect.stringMatching(/^rt_/),
      user: { id: expect.stringMatching(/^user_/), displayName: 'Cleo', tier: 'FREE', country: 'GB' },
      device: { id: expect.stringMatching(/^device_/) },
    },
    userErrors: [],
  })

  const again = {
    email: 'CLEO@example.com',
    password: PASSWORD,
    device: { id: deviceId, name: 'Tab', kind: 'TABLET' },
  }
  const signedIn = (await users.answer('SignIn', { input: again }))['signIn']
  expect(signedIn).toMatchObject({
    session: { user: { id: userId, tier: 'FREE' }, device: { id: deviceId, name: 'Tab', kind: 'TABLET' } },
    userErrors: [],
  })

  const refreshToken = signedIn?.['session']?.['refreshToken']
  const refreshed = (await users.answer('SessionRefresh', { refreshToken }))['sessionRefresh']
  expect(refreshed?.['session']?.['refreshToken']).not.toBe(refreshToken)
  expect(refreshed?.['userErrors']).toEqual([])

  const identity = identityOf(refreshed?.['session']?.['accessToken'] ?? '')
  expect((await users.answer('Viewer', {}, identity))['viewer']).toEqual({
    id: userId,
    displayName: 'Cleo',
    email: 'cleo@example.com',
    tier: 'FREE',
    country: 'GB',
    devices: [
      { id: deviceId, name: 'Tab', kind: 'TABLET', active: true, lastSeenAt: expect.stringMatching(/Z$/) },
    ],
    following: { nodes: [], totalCount: 0 },
  })

  expect(await users.answer('SignOut', {}, identity)).toEqual({ signOut: { userErrors: [] } })
  const after = (
    await users.answer('SessionRefresh', {
      refreshToken: refreshed?.['session']?.['refreshToken'],
    })
  )['sessionRefresh']
  expect(after).toMatchObject({ session: null, userErrors: [{ code: 'CREDENTIALS_WRONG' }] })
  const viewer = (await users.answer('Viewer', {}, identity))['viewer']
  expect(viewer?.['devices']).toMatchObject([{ id: deviceId, active: false }])
})

test('Viewer is null without a token and for an account that is gone', async () => {
  const gone = { ...ann.identity, userId: 'user_0000000000000000000000' }

  expect(await users.answer('Viewer')).toEqual({ viewer: null })
  expect(await users.answer('Viewer', {}, gone)).toEqual({ viewer: null })
})

test('a user is found by id whoever asks, and null when there is none', async () => {
  const query = 'query ($id: ID!) { user(id: $id) { displayName email } }'

  expect(await users.answer(query, { id: ann.userId })).toEqual({ user: { displayName: 'Ann', email: null } })
  for (const id of ['', 'user_x', 'user_0000000000000000000000', ann.deviceId, 'a\u0000', 'x'.repeat(10_000)])
    expect(await users.answer(query, { id })).toEqual({ user: null })
})

test('mutations that need a person are UNAUTHENTICATED without one', async () => {
  const asked = await Promise.all([
    users.ask('SignOut'),
    users.ask('UserTierChange', { userId: ann.userId, tier: 'PREMIUM' }),
    users.ask('Follow', { id: ann.userId }),
    users.ask('DeviceRemove', { id: ann.deviceId }),
  ])

  expect(asked.map(({ errors }) => errors?.map((error) => error.extensions?.['code']))).toEqual(
    asked.map(() => ['UNAUTHENTICATED']),
  )
})

test('the room is ready while its database answers', async () => {
  await using other = await createTestRoom()

  expect(await other.room.isReady()).toBe(true)

  const admin = new pg.Client({ connectionString: other.url.replace(/\/[^/]+$/, '/postgres') })
  await admin.connect()
  await admin.query(`DROP DATABASE ${other.url.split('/').at(-1)} WITH (FORCE)`)
  await admin.end()
  expect(await other.room.isReady()).toBe(false)
})

test('whose account changes is named to those who keep names, until they leave', async () => {
  const query = 'subscription { usersChanged }'
  const stream = await users.room.subscribe({ query, identity: NOBODY })
  if (!(Symbol.asyncIterator in stream)) throw new Error(stream.errors?.[0]?.message)

  const cid = await users.signUp('cid@example.com', { displayName: 'Cid' })
  const heard: unknown[] = []
  while (!heard.includes(cid.userId))
    heard.push(...((await stream.next()).value.data?.['usersChanged'] ?? []))
  const waiting = stream.next()
  await stream.return?.()

  expect(await waiting).toEqual({ done: true, value: undefined })
})
