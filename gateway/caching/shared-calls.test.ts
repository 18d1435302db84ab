import { expect, test } from 'vitest'
import { AppError } from '#shared/errors.ts'
import type { RoomResponse } from '#shared/room.ts'
import type { RoomCall } from '../execute/room-call.ts'
import { entities } from '../execute/testing/shop.ts'
import { shareCalls } from './shared-calls.ts'
import { callerOf, openShop } from './testing/cached-shop.ts'

const ANN = callerOf('ann')
const BOB = callerOf('bob')
const PAGE = '{ list { items { track { title album { fans } } } } }'

/** Rooms of which each call answers at a later time, and calls by two are told apart by what they are asked. */
function openShared(answer?: (room: string, call: RoomCall) => RoomResponse) {
  const era = { now: 0 }
  const shop = openShop(
    (call) => shareCalls(call, era),
    async (room, call) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      if (answer !== undefined) return answer(room, call)
      const album = { __typename: 'Album', id: 'a' }
      const tracks = ['1', '1', '2'].map((id) => ({ track: { __typename: 'Track', id } }))
      if (room === 'lists') return { data: { list: { items: tracks }, touch: { items: tracks } } }
      if (room === 'catalog')
        return entities(call, ({ id }) => ({ title: `${id} for ${call.caller.key}`, album: { ...album } }))
      return entities(call, () => ({ fans: 7 }))
    },
  )
  return { ...shop, era, rooms: () => shop.calls.map(({ room }) => room).sort() }
}

const pageOf = (name: string): object => ({
  list: {
    items: ['1', '1', '2'].map((id) => ({ track: { title: `${id} for ${name}`, album: { fans: 7 } } })),
  },
})

test('identical queries of one caller ask each room once, and write to nothing that the other has', async () => {
  const { compile, rooms } = openShared()
  const page = compile(PAGE)

  const answers = await Promise.all([page(ANN), page(ANN), page(ANN)])

  expect(answers).toMatchObject(answers.map(() => ({ data: pageOf('ann'), errors: [] })))
  expect(rooms()).toEqual(['catalog', 'lists', 'users'])
  expect(answers.map(({ trace }) => trace.toJSON())).toMatchObject([
    { calls: [{ isShared: false }, { isShared: false }, { isShared: false }] },
    { calls: [{ isShared: true }, { isShared: true }, { isShared: true }] },
    { calls: [{ isShared: true }, { isShared: true }, { isShared: true }] },
  ])
})

test('queries that ask one room the same, and others something else, do not write into each other', async () => {
  const { compile, rooms } = openShared((room, call) => {
    if (room === 'lists') return { data: { list: { items: [{ track: { __typename: 'Track', id: '1' } }] } } }
    if (room === 'users') return entities(call, () => ({ fans: 7 }))
    return entities(call, () =>
      call.query.includes('title') ? { x: 'a title', album: { __typename: 'Album', id: 'a' } } : { x: 9 },
    )
  })
  // Is written after the other has written.
  const slow = compile('{ list { items { track { x: title album { fans } } } } }')
  const quick = compile('{ list { items { track { x: lengthMs } } } }')

  const [one, other] = await Promise.all([slow(ANN), quick(ANN)])

  expect(rooms()).toEqual(['catalog', 'catalog', 'lists', 'users'])
  expect(one.data).toEqual({ list: { items: [{ track: { x: 'a title', album: { fans: 7 } } }] } })
  expect(other.data).toEqual({ list: { items: [{ track: { x: 9 } }] } })
})

test('callers whom a room can tell apart share nothing, nor do other variables or other fields', async () => {
  const { compile, rooms } = openShared()
  const page = compile(PAGE)
  const plays = compile('query ($first: Int) { list { items { track { plays(first: $first) } } } }')

  const answers = await Promise.all([page(ANN), page(BOB)])
  await Promise.all([plays(ANN, { first: 1 }), plays(ANN, { first: 2 }), compile('{ list { name } }')(ANN)])

  expect(answers.map(({ data }) => data)).toEqual([pageOf('ann'), pageOf('bob')])
  expect(rooms().filter((room) => room === 'catalog')).toHaveLength(4)
})

test('mutations are never shared, nor is what is asked after them', async () => {
  const { compile, rooms } = openShared()
  const touch = compile('mutation { touch { items { track { title } } } }')

  await Promise.all([touch(ANN), touch(ANN)])

  expect(rooms()).toEqual(['catalog', 'catalog', 'lists', 'lists'])
})

test('what is asked after something has changed joins nothing that was asked before', async () => {
  const { compile, rooms, era } = openShared()
  const name = compile('{ list { name } }')

  const before = name(ANN)
  era.now++
  await Promise.all([before, name(ANN), name(ANN)])

  expect(rooms()).toEqual(['lists', 'lists'])
})

test('a failure is an error of each who waited, once, and the next one asks again', async () => {
  let isAway = true
  const { compile, rooms } = openShared(() => {
    if (isAway) throw new AppError('UNAVAILABLE', 'The lists room is away')
    return { data: { list: { name: 'mine' } } }
  })
  const name = compile('{ list { name } }')

  const failed = await Promise.all([name(ANN), name(ANN)])
  isAway = false
  const { data } = await name(ANN)

  expect(failed.map(({ errors }) => errors)).toMatchObject(
    failed.map(() => [{ message: 'The lists room is away', path: ['list'] }]),
  )
  expect(data).toEqual({ list: { name: 'mine' } })
  expect(rooms()).toEqual(['lists', 'lists'])
})
