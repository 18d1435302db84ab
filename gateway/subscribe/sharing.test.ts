import { buildSchema, type OperationDefinitionNode, parse } from 'graphql'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Arguments, Directives } from '../directives.ts'
import type { ReadyOperation } from '../operations.ts'
import { openSocket, type RawSocket } from '../testing/raw-socket.ts'
import { type OpenStream, openStage, type Stage } from '../testing/stage.ts'
import { type Sharing, sharingOf } from './sharing.ts'

let stage: Stage
const sockets: RawSocket[] = []

beforeAll(async () => {
  stage = await openStage()
})
beforeEach(() => {
  stage.asked.length = 0
  stage.streams.length = 0
  stage.titlesMs = 0
})
afterEach(async () => {
  for (const { socket } of sockets.splice(0)) socket.terminate()
  await expect.poll(stage.openStreams, { timeout: 1_000 }).toBe(0)
})
afterAll(() => stage.stop())

/** A viewer whom rooms can tell from those of other names. */
async function viewer(name: string, query: string, variables = {}, country = 'SE'): Promise<RawSocket> {
  const socket = await openSocket(stage.url)
  sockets.push(socket)
  await socket.init({ authorization: name, 'x-country': country })
  const before = stage.streams.length
  socket.subscribe('1', query, variables)
  // A ping comes back once what was sent before it was taken.
  socket.send({ type: 'ping' })
  await expect.poll(() => socket.frames.at(-1)?.type).toBe('pong')
  if (stage.streams.length > before) await expect.poll(stage.openStreams).toBeGreaterThan(0)
  return socket
}

const streamOf = (name: string): OpenStream => {
  const found = stage.streams.findLast(({ request }) => request.headers?.['authorization'] === name)
  if (found === undefined) throw new Error(`${name} has no stream`)
  return found
}
const result = (field: string, n: number, more = {}): object => ({
  data: { [field]: { n, track: { title: `Title of track-${n}` }, ...more } },
})
const PLAYED =
  'subscription($room: ID, $since: Int) { played(room: $room, since: $since) { n track { title } } }'
const LISTED =
  'subscription($room: ID, $since: Int) { listed(room: $room, since: $since) { n track { title } } }'
const BROADCAST = 'subscription { broadcast { n track { title } } }'

test('whom no room can tell apart share a stream, what is made of its events, and one message', async () => {
  const viewers = await Promise.all([1, 2, 3].map(() => viewer('ann', PLAYED)))
  expect(stage.streams).toHaveLength(1)

  streamOf('ann').emit('played', 1)

  for (const { results } of viewers) await expect.poll(() => results()).toEqual([result('played', 1)])
  expect(stage.asked).toHaveLength(1)
})

test('who comes once events have begun gets a stream of his own: the first event may have been a snapshot', async () => {
  const early = await viewer('ann', PLAYED)
  streamOf('ann').emit('played', 1)
  await expect.poll(() => early.results()).toHaveLength(1)

  const late = await viewer('ann', PLAYED)
  expect(stage.streams).toHaveLength(2)
  streamOf('ann').emit('played', 2)

  await expect.poll(() => late.results()).toEqual([result('played', 2)])
  expect(early.results()).toHaveLength(1)
})

test('without a declaration viewers share nothing, though their events are the same', async () => {
  const [ann, bob] = [await viewer('ann', PLAYED), await viewer('bob', PLAYED)]
  streamOf('ann').emit('played', 1)
  streamOf('bob').emit('played', 1)

  for (const { results } of [ann, bob]) await expect.poll(() => results()).toEqual([result('played', 1)])
  expect(stage.asked.map(({ headers }) => headers?.['authorization']).sort()).toEqual(['ann', 'bob'])
})

test('other variables are another stream; another selection of other rooms is not', async () => {
  const first = await viewer('ann', PLAYED, { room: 'a' })
  await viewer('ann', PLAYED, { room: 'b' })
  const upper = await viewer(
    'ann',
    'subscription($room: ID, $since: Int, $upper: Boolean) { played(room: $room, since: $since) { n track { title(upper: $upper) } } }',
    { room: 'a', upper: true },
  )

  expect(stage.streams.map(({ request }) => request.variables?.['room'])).toEqual(['a', 'b'])
  stage.streams[0]?.emit('played', 1)
  for (const { results } of [first, upper]) await expect.poll(() => results()).toHaveLength(1)
})

test('declared events are resolved once for all who get them, with nobody’s rights, whatever they resume from', async () => {
  const viewers = await Promise.all(
    ['ann', 'bob', 'eve'].map((name, since) => viewer(name, LISTED, { since })),
  )
  expect(stage.streams).toHaveLength(3)

  for (const { emit } of stage.streams) emit('listed', 1)

  for (const { results } of viewers) await expect.poll(() => results()).toEqual([result('listed', 1)])
  expect(stage.asked.map(({ headers }) => headers)).toEqual([{ 'x-country': 'SE' }])
})

test('where a viewer’s own field is selected, or the country is another, nothing is shared', async () => {
  const liked = 'subscription { listed { n track { title liked } } }'
  const mine = 'subscription { listed { ...M track { title } } } fragment M on Play { mine }'
  const [ann, bob] = [await viewer('ann', liked), await viewer('bob', liked)]
  await viewer('eve', mine)
  const [here, there] = [await viewer('joe', LISTED, {}, 'SE'), await viewer('kim', LISTED, {}, 'JP')]

  for (const { emit } of stage.streams) emit('listed', 1, { mine: 'x' })

  for (const { results } of [ann, bob, here, there]) await expect.poll(() => results()).toHaveLength(1)
  expect(
    stage.asked.map(({ headers }) => `${headers?.['authorization']} ${headers?.['x-country']}`).sort(),
  ).toEqual(['ann SE', 'bob SE', 'eve SE', 'undefined JP', 'undefined SE'])
})

test('who loses access hears that on a stream of his own, and nothing that the others still get', async () => {
  const query = 'subscription { listed { n kind track { title } } }'
  const [ann, bob] = [await viewer('ann', query), await viewer('bob', query)]
  for (const name of ['ann', 'bob']) streamOf(name).emit('listed', 1)
  for (const { results } of [ann, bob]) await expect.poll(() => results()).toHaveLength(1)

  streamOf('bob').emit('listed', 1, { kind: 'ACCESS_LOST', track: null })
  streamOf('bob').channel.close()
  for (const n of [2, 3]) streamOf('ann').emit('listed', n)

  await expect.poll(() => ann.results()).toHaveLength(3)
  await expect.poll(() => bob.frames.at(-1)).toEqual({ id: '1', type: 'complete' })
  expect(bob.results().slice(1)).toEqual([{ data: { listed: { n: 1, kind: 'ACCESS_LOST', track: null } } }])
  expect(stage.openStreams()).toBe(1)
})

test('the same event twice is resolved twice: what other rooms say of it may have changed', async () => {
  const viewers = [await viewer('ann', LISTED), await viewer('bob', LISTED)]
  for (let round = 1; round <= 3; round++) {
    for (const { emit } of stage.streams) emit('listed', 1)
    for (const { results } of viewers) await expect.poll(() => results()).toHaveLength(round)
  }

  expect(stage.asked).toHaveLength(3)
})

test('an event that comes while the same one is being resolved waits for a resolution that begins after it', async () => {
  stage.titlesMs = 60
  const viewers = [await viewer('ann', LISTED), await viewer('bob', LISTED), await viewer('eve', LISTED)]
  streamOf('ann').emit('listed', 1)
  await expect.poll(() => stage.asked.length).toBe(1)
  streamOf('bob').emit('listed', 1)
  streamOf('eve').emit('listed', 1)

  for (const { results } of viewers) await expect.poll(() => results()).toEqual([result('listed', 1)])
  expect(stage.asked).toHaveLength(2)
})

test('a stream declared as everybody’s is opened once, with nobody’s rights, for whoever comes whenever', async () => {
  const ann = await viewer('ann', BROADCAST)
  stage.streams[0]?.emit('broadcast', 1)
  await expect.poll(() => ann.results()).toHaveLength(1)
  const bob = await viewer('bob', BROADCAST)
  stage.streams[0]?.emit('broadcast', 2)

  await expect.poll(() => bob.results()).toEqual([result('broadcast', 2)])
  expect(ann.results()).toEqual([result('broadcast', 1), result('broadcast', 2)])
  expect(stage.streams.map(({ request }) => request.headers)).toEqual([{ 'x-country': 'SE' }])
  ann.socket.terminate()
  stage.streams[0]?.emit('broadcast', 3)
  await expect.poll(() => bob.results()).toHaveLength(2)
})

test('the declaration of one operation is not another’s in the same document', async () => {
  const document =
    'subscription A { broadcast { n track { title } } } subscription B { played { n track { title } } }'
  const start = async (name: string, operationName: string): Promise<void> => {
    const socket = await openSocket(stage.url)
    sockets.push(socket)
    await socket.init({ authorization: name })
    socket.send({ id: '1', type: 'subscribe', payload: { query: document, operationName } })
  }
  for (const name of ['ann', 'bob']) for (const operation of ['A', 'B']) await start(name, operation)

  await expect.poll(() => stage.streams.length).toBe(3)
  expect(stage.streams.filter(({ request }) => request.query.includes('broadcast'))).toHaveLength(1)
})

const SCHEMA = buildSchema(`
  type Query { a: Int }
  type Subscription { changed(id: ID, first: Int): Thing }
  interface Thing { name(short: Boolean): String owner: Person }
  type Song implements Thing { name(short: Boolean): String owner: Person plays: Int }
  type Show implements Thing { name(short: Boolean): String owner: Person }
  type Person { name: String }`)

test.each([
  ['nothing selected is anybody’s own', '{ name }', [], true],
  ['a field of an interface is, in one of its types', '{ name }', ['Song.name'], false],
  ['a field of a type is, in its interface', '{ ... on Song { name } }', ['Thing.name'], false],
  ['only another type’s field is', '{ ... on Show { name } }', ['Song.name'], true],
  ['a field that is not selected is', '{ name }', ['Song.plays'], true],
  ['it is in a fragment', '{ ...F } } fragment F on Thing { ... on Song { plays }', ['Song.plays'], false],
  ['the root field is', '{ name }', ['Subscription.changed'], false],
  ['a type on the way is', '{ owner { name } }', ['Person'], false],
  ['a type that an interface may be is', '{ name }', ['Show'], false],
])('events may be shared or not: %s', (_, selection, places, isShared) => {
  for (const name of ['viewer', 'authenticated', 'requiresScopes', 'policy'] as const) {
    const directives = { [name]: new Map(places.map((place) => [place, {}])) }
    expect(sharing(`subscription { changed ${selection} }`, directives).ofEvents).toBe(isShared)
  }
})

test('variables of the root field alone do not shape what an event becomes', () => {
  const { shapedBy } = sharing(`
    subscription($id: ID, $a: Boolean!, $b: Boolean!, $c: Int) {
      changed(id: $id, first: $c) @include(if: $a) { name(short: $b) ...F }
    }
    fragment F on Thing { owner @skip(if: $a) { name } }`)

  expect(shapedBy).toEqual(['a', 'b'])
})

function sharing(
  source: string,
  given: Partial<Record<keyof Directives, Map<string, Arguments>>> = {},
): Sharing {
  const document = parse(source)
  const definition = document.definitions[0] as OperationDefinitionNode
  const none = new Map<string, Arguments>()
  const directives = {
    ...{ viewer: none, authenticated: none, requiresScopes: none, policy: none },
    sharedEvents: new Map([['Subscription.changed', {}]]),
    ...given,
  }
  return sharingOf(
    { document, definition, schema: SCHEMA } as ReadyOperation,
    directives as unknown as Directives,
  )
}
