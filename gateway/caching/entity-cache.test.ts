import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { RoomResponse } from '#shared/room.ts'
import type { RoomCall } from '../execute/room-call.ts'
import { entities } from '../execute/testing/shop.ts'
import { createCachePolicies } from './cache-policy.ts'
import { createChanges } from './changes.ts'
import { cacheEntities, entityName } from './entity-cache.ts'
import { createShelf } from './shelf.ts'
import { callerOf, directivesOf, openShop } from './testing/cached-shop.ts'

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => vi.useRealTimers())

const ANN = callerOf('ann')
const BOB = callerOf('bob')
const PAGE = '{ list { items { track { title } } } }'
const PUBLIC = { Track: { maxAge: 60 }, Album: { maxAge: 60 }, User: { maxAge: 60 } }

const items = (ids: readonly string[]): RoomResponse => {
  const list = {
    items: ids.map((id) => ({ track: { __typename: 'Track', id }, addedBy: user(id) })),
    owner: user('o'),
  }
  return { data: { list, touch: structuredClone(list) } }
}
const user = (id: string): object => ({ __typename: 'User', id: `u${id}` })

/** A list of these tracks, whose other rooms answer as told. */
function openCached(
  options: {
    ids?: readonly string[]
    cacheControl?: Record<string, object>
    viewer?: Record<string, object>
    answer?: (room: string, call: RoomCall) => RoomResponse | Promise<RoomResponse>
  } = {},
) {
  const changes = createChanges()
  const list = { ids: options.ids ?? ['1', '2'] }
  const directives = directivesOf({
    cacheControl: options.cacheControl ?? PUBLIC,
    viewer: options.viewer ?? {},
  })
  const shop = openShop(
    (call, { supergraphSchema }) =>
      cacheEntities(call, {
        shelf: createShelf(1_000_000, changes),
        policies: createCachePolicies(supergraphSchema, directives),
        changes,
      }),
    (room, call) => {
      if (room === 'lists') return items(list.ids)
      return options.answer?.(room, call) ?? entities(call, ({ id }) => ({ title: `title of ${id}` }))
    },
  )
  const sent = (): unknown[] =>
    shop.calls
      .filter(({ room }) => room === 'catalog')
      .map(({ variables = {} }) => (variables['representations'] as { id: string }[]).map(({ id }) => id))
  return { ...shop, changes, list, sent }
}

const titles = (...ids: string[]): object => ({
  list: { items: ids.map((id) => ({ track: { title: `title of ${id}` } })) },
})

describe('an entity that may be kept', () => {
  test('is not asked for again by anybody, and others are', async () => {
    const { compile, list, sent } = openCached()
    const page = compile(PAGE)
    await page(ANN)
    list.ids = ['3', '2', '4', '1', '2']

    const { data, trace } = await page(BOB)
    await page(BOB)

    expect(data).toEqual(titles('3', '2', '4', '1', '2'))
    expect(sent()).toEqual([
      ['1', '2'],
      ['3', '4'],
    ])
    expect(trace.toJSON()).toMatchObject({ calls: [{}, { room: 'catalog', entities: 4, cached: 2 }] })
  })

  test('is found by another operation that asks the same of it', async () => {
    const { compile, sent } = openCached()
    await compile(PAGE)(ANN)

    await compile('query Other { list { items { track { title } position } } }')(ANN)

    expect(sent()).toHaveLength(1)
  })

  test('is asked for again for other fields, other arguments, and where the public is shown something else', async () => {
    const { compile, sent } = openCached({
      ids: ['1'],
      cacheControl: { ...PUBLIC },
      answer: (_room, call) =>
        entities(call, () => ({ title: 't', lengthMs: 1, plays: call.variables?.['first'] })),
    })
    const plays = compile('query ($first: Int) { list { items { track { plays(first: $first) } } } }')
    await compile(PAGE)(ANN)
    await compile('{ list { items { track { lengthMs } } } }')(ANN)
    const answers = [
      await plays(ANN, { first: 1 }),
      await plays(ANN, { first: 2 }),
      await plays(ANN, { first: 1 }),
    ]
    await compile(PAGE)(callerOf('ann', 'US'))

    expect(sent()).toHaveLength(5)
    expect(answers.map(({ data }) => data)).toEqual(
      [1, 2, 1].map((count) => ({ list: { items: [{ track: { plays: count } }] } })),
    )
  })

  test('is asked for again once its time is over', async () => {
    const { compile, sent } = openCached()
    const page = compile(PAGE)
    await page(ANN)
    vi.advanceTimersByTime(59_999)
    await page(ANN)
    expect(sent()).toHaveLength(1)

    vi.advanceTimersByTime(1)
    await page(ANN)

    expect(sent()).toHaveLength(2)
  })

  test('is asked for again once it has changed, and the others are not', async () => {
    const { compile, changes, sent } = openCached({ ids: ['1', '2', 'constructor', '__proto__'] })
    const page = compile(PAGE)
    await page(ANN)

    for (const id of ['2', '__proto__']) changes.note(entityName('Track', id))
    const { data } = await page(ANN)

    expect(sent()[1]).toEqual(['2', '__proto__'])
    expect(data).toEqual(titles('1', '2', 'constructor', '__proto__'))
  })

  test('is asked for again once something in it may have changed', async () => {
    const { compile, changes, sent } = openCached({
      answer: (_room, call) => entities(call, () => ({ title: 't', album: { title: 'a' } })),
    })
    const page = compile('{ list { items { track { album { title } } } } }')
    await page(ANN)

    changes.note('User')
    await page(ANN)
    expect(sent()).toHaveLength(1)
    changes.note('Album')
    await page(ANN)

    expect(sent()).toHaveLength(2)
  })

  test('is not kept when it changed while it was on its way', async () => {
    const { compile, changes, sent } = openCached({
      answer(_room, call) {
        changes.note(entityName('Track', '1'))
        return entities(call, () => ({ title: 'old' }))
      },
    })
    const page = compile(PAGE)

    await page(ANN)
    await page(ANN)

    expect(sent()).toEqual([['1', '2'], ['1']])
  })

  test('never shows to one what another room has added to it for another', async () => {
    const { compile } = openCached({
      ids: ['1'],
      viewer: { 'Album.fans': {} },
      answer(room, call) {
        if (room === 'catalog') {
          return entities(call, () => ({ album: { __typename: 'Album', id: 'a', title: 'an album' } }))
        }
        if (call.caller === BOB) throw new Error('away')
        return entities(call, () => ({ fans: 7 }))
      },
    })
    const page = compile('{ list { items { track { album { title fans } } } } }')

    const answers = [await page(ANN), await page(BOB)]

    expect(answers.map(({ data }) => data)).toEqual(
      [7, null].map((fans) => ({ list: { items: [{ track: { album: { title: 'an album', fans } } }] } })),
    )
    expect(answers[1]?.errors).toHaveLength(1)
  })
})

describe('an entity is not kept', () => {
  test.each([
    ['nothing is said of its type', { cacheControl: {} }],
    ['it is private', { cacheControl: { Track: { maxAge: 60, scope: 'PRIVATE' } } }],
    ['a field of it has no time', { cacheControl: { ...PUBLIC, 'Track.title': { maxAge: 0 } } }],
    ['a field of it is for the viewer', { viewer: { 'Track.title': {} } }],
  ])('where %s', async (_, options) => {
    const { compile, sent } = openCached(options)
    const page = compile(PAGE)

    await page(ANN)
    await page(ANN)

    expect(sent()).toHaveLength(2)
  })

  test('when it is missing', async () => {
    const { compile, sent } = openCached({
      answer: (_room, call) => entities(call, ({ id }) => (id === '1' ? null : { title: `title of ${id}` })),
    })
    const page = compile(PAGE)

    await page(ANN)
    const { data, errors } = await page(ANN)

    expect(sent()).toEqual([['1', '2'], ['1']])
    expect({ data, errors }).toEqual({
      data: { list: { items: [{ track: null }, { track: { title: 'title of 2' } }] } },
      errors: [],
    })
  })

  test('when anything of the answer is in error, which stands where it belongs', async () => {
    let isBroken = false
    const { compile, list, sent } = openCached({
      answer: (_room, call) => ({
        ...entities(call, ({ id }) => ({ title: isBroken && id === '4' ? null : `title of ${id}` })),
        ...(isBroken && { errors: [{ message: 'broken', path: ['_entities', 1, 'title'] }] }),
      }),
    })
    const page = compile(PAGE)
    await page(ANN)
    list.ids = ['3', '1', '2', '4']
    isBroken = true

    const { errors } = await page(ANN)
    isBroken = false
    await page(ANN)

    expect(errors).toMatchObject([{ message: 'broken', path: ['list', 'items', 3, 'track', 'title'] }])
    expect(sent()).toEqual([
      ['1', '2'],
      ['3', '4'],
      ['3', '4'],
    ])
  })

  test('for a mutation, nor by one', async () => {
    const { compile, list, sent } = openCached()
    const touch = compile('mutation { touch { items { track { title } } } }')
    await compile(PAGE)(ANN)
    list.ids = ['1', '3']

    const { data } = await touch(ANN)
    await compile(PAGE)(ANN)

    expect(data).toEqual({
      touch: { items: [{ track: { title: 'title of 1' } }, { track: { title: 'title of 3' } }] },
    })
    expect(sent()).toEqual([['1', '2'], ['1', '3'], ['3']])
  })
})

test('a room that answers another number of entities than were sent is in error', async () => {
  const { compile, list } = openCached({
    answer: (_room, call) =>
      call.batches[0]?.representations.length === 2
        ? entities(call, () => ({ title: 't' }))
        : { data: { _entities: [{ title: 'a' }, { title: 'b' }, { title: 'c' }] } },
  })
  const page = compile(PAGE)
  await page(ANN)
  list.ids = ['1', '2', '3']

  const { errors } = await page(ANN)

  expect(errors).toMatchObject([{ message: 'The catalog room answered what cannot be read' }])
})

test('of entities that travel together, each batch leaves out what is known', async () => {
  const { compile, calls, list } = openCached({
    answer: (_room, call) => entities(call, ({ id }) => ({ name: `name of ${id}`, image: `image of ${id}` })),
  })
  const page = compile('{ list { owner { image(width: 1) } items { addedBy { name } } } }')
  await page(ANN)
  list.ids = ['2', '3']

  const { data, errors } = await page(ANN)

  expect(errors).toEqual([])
  expect(data).toEqual({
    list: {
      owner: { image: 'image of uo' },
      items: [{ addedBy: { name: 'name of u2' } }, { addedBy: { name: 'name of u3' } }],
    },
  })
  const sent = calls
    .filter(({ room }) => room === 'users')
    .map(({ variables }) => Object.values(variables ?? {}))
  expect(sent.map((batches) => batches.map((batch) => (batch as unknown[]).length).sort())).toEqual([
    [1, 2],
    [0, 1],
  ])
})
