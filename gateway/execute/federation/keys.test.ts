import { describe, expect, it } from 'vitest'
import { federate, subgraph } from '../testing/federation.ts'

const TRAINS = [
  { number: '7', line: 'north', day: 1, engine: { works: 'A', serial: '70' } },
  { number: '8', line: 'south', day: 2, engine: { works: 'B', serial: '80' } },
]

describe('an entity with several keys', () => {
  const ask = federate({
    timetable: subgraph(
      `type Query { trains: [Train!]! }
       type Train @key(fields: "number") @key(fields: "line day") { number: ID! line: String! day: Int! }`,
      {
        Query: { trains: () => TRAINS },
        Train: {
          __resolveReference: ({ number }: { number: string }) => TRAINS.find((t) => t.number === number),
        },
      },
    ),
    seats: subgraph(`type Train @key(fields: "line day") { line: String! day: Int! free: Int }`, {
      Train: {
        __resolveReference: ({ line, day }: { line: string; day: number }) => ({ line, day, free: day * 10 }),
      },
    }),
    workshop: subgraph(
      `type Train @key(fields: "number") @key(fields: "engine { works serial }") { number: ID! engine: Engine! }
       type Engine @shareable { works: String! serial: ID! }`,
      {
        Train: {
          __resolveReference: ({ number }: { number: string }) => TRAINS.find((t) => t.number === number),
        },
      },
    ),
    depot: subgraph(
      `type Train @key(fields: "engine { works serial }") { engine: Engine! track: String }
       type Engine @shareable { works: String! serial: ID! }`,
      {
        Train: {
          __resolveReference: ({ engine }: { engine: { works: string; serial: string } }) => ({
            engine,
            track: `${engine.works}-${engine.serial}`,
          }),
        },
      },
    ),
  })

  it('is asked for by the key that each room resolves: compound, and of an object within', async () => {
    const { ours, stock } = await ask('{ trains { free track } }')

    expect(ours).toEqual({
      data: {
        trains: [
          { free: 10, track: 'A-70' },
          { free: 20, track: 'B-80' },
        ],
      },
      errors: [],
    })
    expect(stock).toEqual(ours)
  })
})

describe('keys that a room has and does not resolve', () => {
  const ask = federate({
    register: subgraph(
      `type Station @key(fields: "code") @key(fields: "name country", resolvable: false) {
         code: ID! name: String! country: String! founded: Int
       }`,
      {
        Station: {
          __resolveReference: ({ code }: { code: string }) => ({
            code,
            name: `name of ${code}`,
            country: 'CH',
            founded: 1900,
          }),
        },
      },
    ),
    travel: subgraph(
      `type Query { stop: Station }
       type Station
         @key(fields: "name country", resolvable: false)
         @key(fields: "code country") {
         code: ID! name: String! country: String! founded: Int @external
         age: String! @requires(fields: "founded")
       }`,
      {
        Query: { stop: () => ({ code: 'BRN', name: 'Bern', country: 'CH' }) },
        Station: {
          __resolveReference: (reference: { code?: string; founded?: number }) =>
            reference.code === undefined ? null : reference,
          age: ({ founded }: { founded: number }) => `since ${founded}`,
        },
      },
    ),
  })

  it('are passed by on the way back with a requirement; stock takes the first key there is and gets nothing', async () => {
    const { ours, stock } = await ask('{ stop { name founded age } }')

    expect(ours).toEqual({ data: { stop: { name: 'Bern', founded: 1900, age: 'since 1900' } }, errors: [] })
    expect(stock.data).toEqual({ stop: null })
  })
})

describe('an entity that one room on the way does not know', () => {
  const ask = federate({
    board: subgraph(
      `type Query { departures: [Departure!]! } type Departure { train: Train } type Train @key(fields: "number") { number: ID! }`,
      { Query: { departures: () => ['7', '8', '9'].map((number) => ({ train: { number } })) } },
    ),
    fleet: subgraph(
      `type Train @key(fields: "number") @key(fields: "vehicle") { number: ID! vehicle: ID! }`,
      {
        Train: {
          __resolveReference: ({ number }: { number: string }) =>
            number === '8' ? null : { number, vehicle: `v${number}` },
        },
      },
    ),
    comfort: subgraph(
      `type Train @key(fields: "vehicle") { vehicle: ID! bistro: Bistro } type Bistro { menu: String }`,
      {
        Train: {
          __resolveReference: ({ vehicle }: { vehicle: string | null }) => {
            if (vehicle === null) throw new Error('No vehicle has no number')
            return { bistro: { menu: `soup of ${vehicle}` } }
          },
        },
      },
    ),
  })

  it('is null below, asked of nobody else, and no error', async () => {
    const { ours, stock } = await ask('{ departures { train { number bistro { menu } } } }')

    expect(ours).toEqual({
      data: {
        departures: [
          { train: { number: '7', bistro: { menu: 'soup of v7' } } },
          { train: { number: '8', bistro: null } },
          { train: { number: '9', bistro: { menu: 'soup of v9' } } },
        ],
      },
      errors: [],
    })
    expect(stock).toEqual(ours)
  })
})

describe('a key that is a list of entities', () => {
  const ask = federate({
    trips: subgraph(
      `type Query { trip: Trip! } type Trip @key(fields: "legs { number }") { legs: [Leg!]! }
       type Leg @key(fields: "number") { number: ID! }`,
      { Query: { trip: () => ({ legs: [{ number: '1' }, { number: '2' }] }) } },
    ),
    fares: subgraph(
      `type Trip @key(fields: "legs { number }") { legs: [Leg!]! fare: Int } type Leg @key(fields: "number") { number: ID! }`,
      {
        Trip: {
          __resolveReference: ({ legs }: { legs: { number: string }[] }) => ({ legs, fare: legs.length * 5 }),
        },
      },
    ),
  })

  it('goes to the room whole', async () => {
    const { ours, stock } = await ask('{ trip { fare legs { number } } }')

    expect(ours).toEqual({
      data: { trip: { fare: 10, legs: [{ number: '1' }, { number: '2' }] } },
      errors: [],
    })
    expect(stock).toEqual(ours)
  })
})
