import { expect, test } from 'vitest'
import type { RoomResponse } from '#shared/room.ts'
import type { Caller } from '../caller.ts'
import type { RoomCall } from '../execute/room-call.ts'
import { entities } from '../execute/testing/shop.ts'
import { createCachePolicies } from './cache-policy.ts'
import { createChanges } from './changes.ts'
import { cacheRootFields } from './root-cache.ts'
import { createShelf } from './shelf.ts'
import { callerOf, directivesOf, openShop } from './testing/cached-shop.ts'

const ANN = callerOf('ann')
const BOB = callerOf('bob')
const TRACK = 'query ($id: ID!) { track(id: $id) { title } }'
const PUBLIC = { Track: { maxAge: 60 }, Album: { maxAge: 60 } }

function openKept(
  cacheControl: Record<string, object> = PUBLIC,
  answer: (room: string, call: RoomCall) => RoomResponse = (room, call) =>
    room === 'catalog'
      ? { data: { track: { title: `title of ${call.variables?.['id']}` } } }
      : entities(call, () => ({ fans: 7 })),
) {
  const changes = createChanges()
  const directives = directivesOf({ cacheControl })
  const shelf = createShelf<Record<string, unknown>>(1_000_000, changes)
  const shop = openShop(
    (call, { supergraphSchema }) =>
      cacheRootFields(call, { shelf, policies: createCachePolicies(supergraphSchema, directives), changes }),
    async (room, call) => answer(room, call),
  )
  return { ...shop, changes, asked: () => shop.calls.filter(({ room }) => room === 'catalog').length }
}

test('root fields that may be kept are not asked for again, by whomever', async () => {
  const { compile, asked } = openKept()
  const track = compile(TRACK)
  await track(ANN, { id: '1' })

  const { data, trace } = await track(BOB, { id: '1' })

  expect(data).toEqual({ track: { title: 'title of 1' } })
  expect(trace.toJSON()).toMatchObject({ calls: [{ room: 'catalog', isCached: true }] })
  expect(asked()).toBe(1)
})

test.each<[string, Caller, Record<string, unknown>, string]>([
  ['of something else', ANN, { id: '2' }, TRACK],
  ['for other fields', ANN, { id: '1' }, 'query ($id: ID!) { track(id: $id) { title lengthMs } }'],
  ['where the public is shown something else', callerOf('ann', 'US'), { id: '1' }, TRACK],
])('they are asked for %s', async (_, caller, variables, source) => {
  const { compile, asked } = openKept()
  await compile(TRACK)(ANN, { id: '1' })

  await compile(source)(caller, variables)

  expect(asked()).toBe(2)
})

test('they are asked for again once something in them has changed, also while they were on their way', async () => {
  const { compile, changes, asked } = openKept()
  const track = compile(TRACK)
  await track(ANN, { id: '1' })
  changes.note('Album')
  await track(ANN, { id: '1' })
  expect(asked()).toBe(1)

  const late = track(ANN, { id: '2' })
  changes.note('Track')
  await late
  await track(ANN, { id: '1' })
  await track(ANN, { id: '2' })

  expect(asked()).toBe(4)
})

test.each([
  ['nothing is said of them', {}, undefined],
  ['they are private', { Track: { maxAge: 60, scope: 'PRIVATE' } }, undefined],
  [
    'one of them is in error',
    PUBLIC,
    () => ({ data: { track: { title: 't' } }, errors: [{ message: 'x' }] }),
  ],
  ['there is no data', PUBLIC, () => ({ data: null })],
])('they are not kept where %s', async (_, cacheControl, answer) => {
  const { compile, asked } = openKept(cacheControl, answer)
  const track = compile(TRACK)

  await track(ANN, { id: '1' })
  await track(ANN, { id: '1' })

  expect(asked()).toBe(2)
})

test('what another room adds for one is not shown to another', async () => {
  const { compile } = openKept(PUBLIC, (room, call) => {
    if (room === 'catalog')
      return { data: { track: { album: { __typename: 'Album', id: 'a', title: 'an album' } } } }
    if (call.caller === BOB) throw new Error('away')
    return entities(call, () => ({ fans: 7 }))
  })
  const track = compile('query ($id: ID!) { track(id: $id) { album { title fans } } }')

  const answers = [await track(ANN, { id: '1' }), await track(BOB, { id: '1' })]

  expect(answers.map(({ data }) => data)).toEqual(
    [7, null].map((fans) => ({ track: { album: { title: 'an album', fans } } })),
  )
})
