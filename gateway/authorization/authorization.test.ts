import { exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Channel, createChannel } from '#shared/streams.ts'
import { createLogger } from '#shared/telemetry.ts'
import { createForeignDoor } from '../foreign.ts'
import type { Door } from '../server.ts'
import { openSocket } from '../testing/raw-socket.ts'
import { type ForeignSubgraphs, startSubgraphs } from '../testing/subgraphs.ts'

const BLOG = { __typename: 'Blog', id: 'p1', title: 'Open', author: { id: 'u1' } }
const DIARY = { __typename: 'Diary', id: 'p2', title: 'CANARY-diary', author: { id: 'u1' } }
const WILL = { __typename: 'Will', id: 'p3', title: 'CANARY-will', author: { id: 'u1' } }
const touched: string[] = []
let ticks: Channel<object>

let subgraphs: ForeignSubgraphs
let keys: JSONWebKeySet
let sign: (claims: Record<string, unknown>) => Promise<string>
const doors: Door[] = []
const urls: Record<'composed' | 'older', string> = { composed: '', older: '' }

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }] }
  sign = (claims) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: 'k' })
      .setExpirationTime('1h')
      .sign(privateKey)
  subgraphs = await startSubgraphs({
    posts: {
      sdl: `
        type Query {
          posts: [Post]  firm: [Post!]  hits: [Hit]  blog: Blog  me: User
          secret: String @authenticated
          rank: Rank  stamp: Stamp
          strict: String! @authenticated
        }
        type Mutation { open: Int  shut: Int @requiresScopes(scopes: [["write"]]) }
        type Subscription { news: Blog  leaks: Blog @authenticated  ticks: Blog }
        interface Post { id: ID!  title: String  author: User }
        type Blog implements Post { id: ID!  title: String  author: User  views: Int @requiresScopes(scopes: [["read", "stats"], ["admin"]]) }
        type Diary implements Post { id: ID!  title: String @authenticated  author: User @requiresScopes(scopes: [["read"]]) }
        type Will implements Post @policy(policies: [["heir"]]) { id: ID!  title: String  author: User }
        union Hit = Blog | Will
        type User @key(fields: "id") { id: ID! }
        enum Rank @authenticated { HIGH LOW }
        scalar Stamp @requiresScopes(scopes: [["read"]])`,
      resolvers: {
        Query: {
          posts: () => [BLOG, DIARY, WILL],
          firm: () => [BLOG, WILL],
          hits: () => [BLOG, WILL],
          blog: () => ({ ...BLOG, views: 7 }),
          me: () => ({ id: 'u1' }),
          secret: () => 'CANARY-secret',
          strict: () => 'CANARY-strict',
          rank: () => 'HIGH',
          stamp: () => 'CANARY-stamp',
        },
        Mutation: { open: () => touched.push('open'), shut: () => touched.push('shut') },
        Subscription: {
          news: {
            subscribe: async function* () {
              yield { news: { ...BLOG, views: 7 } }
            },
          },
          leaks: {
            subscribe: async function* () {
              yield { leaks: BLOG }
            },
          },
          ticks: {
            subscribe: () => {
              ticks = createChannel()
              return ticks
            },
          },
        },
      },
    },
    people: {
      sdl: `type User @key(fields: "id") {
          id: ID!  name: String  email: String! @policy(policies: [["own"], ["staff", "mail"]])  height: Int @authenticated
        }`,
      resolvers: { User: { name: () => 'Ada', email: () => 'CANARY-mail', height: () => 180 } },
    },
    gyms: {
      sdl: `type User @key(fields: "id") { id: ID!  height: Int @external  bench: String @requires(fields: "height") @authenticated }`,
      resolvers: { User: { bench: ({ height }: { height: number }) => `for ${height}` } },
    },
  })
  urls.composed = await open(subgraphs.supergraph)
  // Composition used to leave interfaces as they were: only the implementations are guarded.
  urls.older = await open(
    subgraphs.supergraph.replace(/interface Post[^}]*}/, (text) =>
      text.replace(/ *@(authenticated|policy|requiresScopes)(\([^)]*\))?/g, ''),
    ),
  )
})
afterAll(async () => {
  for (const door of doors) await door.stop()
  subgraphs.close()
})

async function open(supergraph: string): Promise<string> {
  const door = await createForeignDoor({
    supergraph,
    keys,
    forwarded: [],
    roomTimeoutMs: 1_000,
    isProduction: false,
    logger: createLogger('test', 'silent'),
  })
  doors.push(door)
  return `http://127.0.0.1:${await door.listen(0, '127.0.0.1')}/graphql`
}

interface Answer {
  data?: Record<string, unknown> | null
  errors?: { message: string; path?: (string | number)[]; extensions: { code: string } }[]
  /** What subgraphs were asked meanwhile. */
  asked: string
}

async function ask(
  query: string,
  claims: Record<string, unknown> | null = null,
  which: keyof typeof urls = 'composed',
): Promise<Answer> {
  for (const bodies of subgraphs.asked.values()) bodies.length = 0
  const authorization = claims && { authorization: `Bearer ${await sign(claims)}` }
  const response = await fetch(urls[which], {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization },
    body: JSON.stringify({ query }),
  })
  const answer = (await response.json()) as Omit<Answer, 'asked'>
  return { ...answer, asked: JSON.stringify([...subgraphs.asked.values()]) }
}
const denied = (...paths: string[]) =>
  expect.arrayContaining(
    paths.map((path) =>
      expect.objectContaining({
        path: path.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key)),
      }),
    ),
  )

test('what may not be read is null, has an error at its path, and no room is asked for it', async () => {
  const { data, errors, asked } = await ask('{ secret me { id name height } }')

  expect(data).toEqual({ secret: null, me: { id: 'u1', name: 'Ada', height: null } })
  expect(errors).toHaveLength(2)
  expect(errors).toEqual(denied('secret', 'me.height'))
  expect(errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED' })
  expect(asked).not.toMatch(/secret|height/)
})

test('who is known but lacks the right is told so; who has it gets the value', async () => {
  expect(await ask('{ blog { title views } }', { sub: 'u', scope: 'read' })).toMatchObject({
    data: { blog: { title: 'Open', views: null } },
    errors: [{ path: ['blog', 'views'], extensions: { code: 'FORBIDDEN' } }],
  })
  for (const scope of ['stats read', 'admin']) {
    expect(await ask('{ blog { views } }', { sub: 'u', scope })).toMatchObject({
      data: { blog: { views: 7 } },
    })
  }
})

test('policies: all of one alternative', async () => {
  const query = '{ me { id email } }'

  for (const policies of [['own'], ['staff', 'mail', 'x']])
    expect((await ask(query, { sub: 'u', policies })).data).toEqual({
      me: { id: 'u1', email: 'CANARY-mail' },
    })
  for (const policies of [[], ['staff']])
    expect((await ask(query, { sub: 'u', policies })).data).toEqual({ me: null })
})

test('what must not be null takes its owner with it', async () => {
  const { data, errors } = await ask('{ blog { id author { name email } } }')

  expect(data).toEqual({ blog: { id: 'p1', author: null } })
  expect(errors).toMatchObject([
    { path: ['blog', 'author', 'email'], extensions: { code: 'UNAUTHENTICATED' } },
  ])
})

const THROUGH_INTERFACE = `{ posts { __typename ...F ... on Diary { mine: title } } }
  fragment F on Post { id title who: author { id } ... on Post { again: title } }`

test('a guarded type and field do not slip through an interface', async () => {
  const { data, errors, asked } = await ask(THROUGH_INTERFACE, null, 'older')

  expect(data).toEqual({
    posts: [
      { __typename: 'Blog', id: 'p1', title: 'Open', who: { id: 'u1' }, again: 'Open' },
      { __typename: 'Diary', id: 'p2', title: null, who: null, again: null, mine: null },
      null,
    ],
  })
  expect(errors).toEqual(denied('posts.1.title', 'posts.1.who', 'posts.1.again', 'posts.1.mine', 'posts.2'))
  expect(asked).not.toContain('... on Will')
})

test('an interface has the guards of all its implementations where composition has given it those', async () => {
  expect((await ask(THROUGH_INTERFACE)).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
  const { data } = await ask(THROUGH_INTERFACE, { sub: 'u', scope: 'read', policies: ['heir'] })
  expect(data?.['posts']).toMatchObject([BLOG, DIARY, WILL].map(({ id, title }) => ({ id, title })))
})

test('an object of a guarded type is null wherever it turns up', async () => {
  const { data, errors } = await ask(
    '{ hits { __typename ... on Blog { id } ... on Will { id } } firm { id } }',
    null,
    'older',
  )

  expect(data).toEqual({ hits: [{ __typename: 'Blog', id: 'p1' }, null], firm: null })
  expect(errors).toEqual(denied('hits.1', 'firm.1'))
})

test('guarded scalars and enums', async () => {
  expect(await ask('{ rank stamp blog { id } }')).toMatchObject({
    data: { rank: null, stamp: null, blog: { id: 'p1' } },
  })
  expect(await ask('{ rank stamp }', { sub: 'u', scope: 'read' })).toMatchObject({
    data: { rank: 'HIGH', stamp: 'CANARY-stamp' },
  })
})

test('a field that another room needs is fetched for it, and not told', async () => {
  const { data } = await ask('{ me { bench } }', { sub: 'u' })
  expect(data).toEqual({ me: { bench: 'for 180' } })

  const nobody = await ask('{ me { name bench height } }')
  expect(nobody.data).toEqual({ me: { name: 'Ada', bench: null, height: null } })
})

test('an operation of which nothing may be read is refused', async () => {
  const nobody = await ask('{ __typename secret ... on Query { rank } }')
  const known = await ask('mutation { shut }', { sub: 'u' })

  expect(nobody).toEqual({
    errors: [{ message: 'Sign in to read this', extensions: { code: 'UNAUTHENTICATED' } }],
    asked: '[[],[],[]]',
  })
  expect(known.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  expect('data' in known).toBe(false)
  expect(await ask('{ strict blog { id } }')).toMatchObject({ data: null, errors: [{ path: ['strict'] }] })
})

test('of a mutation, only what is allowed is done', async () => {
  touched.length = 0

  expect(await ask('mutation { open shut }')).toMatchObject({
    data: { shut: null },
    errors: [{ path: ['shut'] }],
  })
  expect(touched).toEqual(['open'])
})

test('the same document is another one for everybody who may read something else', async () => {
  const query = 'query($yes: Boolean = true) { secret me { height @include(if: $yes) name } }'
  const askers = [null, { sub: 'a' }, { sub: 'b', scope: 'read' }]
  const answers = await Promise.all(
    Array.from({ length: 30 }, async (_, at) => ({ at, ...(await ask(query, askers[at % 3])) })),
  )

  for (const { at, data } of answers) {
    expect(data).toEqual(
      at % 3 === 0
        ? { secret: null, me: { height: null, name: 'Ada' } }
        : { secret: 'CANARY-secret', me: { height: 180, name: 'Ada' } },
    )
  }
})

test('subscriptions: refused, or without what may not be read', async () => {
  const events = async (query: string): Promise<string> => {
    const response = await fetch(`${urls.composed}?query=${encodeURIComponent(query)}`, {
      headers: { accept: 'text/event-stream' },
    })
    return response.text()
  }

  expect(await events('subscription { leaks { id } }')).toContain('UNAUTHENTICATED')
  const news = await events('subscription { news { title views } }')
  expect(news).toContain('"title":"Open","views":null')
  expect(news).toContain('"path":["news","views"]')
})

test('a newer token with fewer rights ends the subscriptions that would tell more than it may read', async () => {
  const bearer = async (scope: string) => ({ authorization: `Bearer ${await sign({ sub: 'u', scope })}` })
  const { socket, init, send, subscribe, frames, results } = await openSocket(urls.composed)
  await init(await bearer('admin'))
  subscribe('1', 'subscription { ticks { views } }')
  const tick = async (): Promise<void> => {
    await expect.poll(() => ticks).toBeDefined()
    ticks.push({ ticks: { ...BLOG, views: 7 } })
  }
  await expect.poll(() => tick().then(() => results().length)).toBeGreaterThan(0)
  expect(results()[0]).toEqual({ data: { ticks: { views: 7 } } })

  send({ type: 'ping', payload: await bearer('admin other') })
  await expect.poll(() => frames.some(({ type }) => type === 'pong')).toBe(true)
  const before = results().length
  await expect.poll(() => tick().then(() => results().length)).toBeGreaterThan(before)
  send({ type: 'ping', payload: await bearer('other') })
  await expect.poll(() => frames.some(({ type }) => type === 'complete')).toBe(true)
  expect(results().at(-1)).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] })
  const told = results().length
  await tick()
  expect(results()).toHaveLength(told)

  subscribe('2', 'subscription { ticks { title views } }')
  await expect.poll(() => tick().then(() => results('2').length)).toBeGreaterThan(0)
  expect(results('2')[0]).toMatchObject({ data: { ticks: { title: 'Open', views: null } } })
  socket.terminate()
})
