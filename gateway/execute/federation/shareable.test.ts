import { describe, expect, it } from 'vitest'
import { federate, subgraph } from '../testing/federation.ts'

describe('a root field of several rooms', () => {
  const ask = federate({
    clock: subgraph(
      `type Query { state: State! @shareable states: [State!]! @shareable } type State { id: ID! @shareable hour: Int! }`,
      { Query: { state: () => ({ id: '1', hour: 9 }), states: () => [{ id: '1', hour: 9 }] } },
    ),
    weather: subgraph(
      `type Query { state: State! @shareable states: [State!]! @shareable } type State { id: ID! @shareable sky: Sky }
       type Sky { clouds: Int @shareable }`,
      {
        Query: {
          state: () => ({ id: '1', sky: { clouds: 3 } }),
          states: () => [{ id: '1', sky: { clouds: 3 } }],
        },
      },
    ),
    sun: subgraph(
      `type Query { state: State! @shareable states: [State!]! @shareable } type State { id: ID! @shareable light: Light! }
       type Light { lux: Int! }`,
      {
        Query: {
          state: () => ({ id: '1', light: { lux: 5 } }),
          states: () => [{ id: '1', light: { lux: 5 } }],
        },
      },
    ),
  })

  it('is one object of what they all say, and item by item in a list', async () => {
    const { ours, stock, calls } = await ask(
      '{ state { id hour sky { clouds } light { lux } } states { light { lux } hour id sky { clouds } } }',
    )
    const state = { id: '1', hour: 9, sky: { clouds: 3 }, light: { lux: 5 } }

    expect(ours).toEqual({ data: { state, states: [state] }, errors: [] })
    expect(calls.sort()).toEqual(['clock', 'sun', 'weather'])
    expect(stock).toEqual(ours)
  })
})

describe('a value within an entity', () => {
  const id = ({ id: found }: { id: string }): { id: string } => ({ id: found })
  const ask = federate({
    houses: subgraph(
      `type Query { houses: [House!]! } type House @key(fields: "id") { id: ID! roof: Roof @shareable }
       type Roof { colour: String @shareable }`,
      {
        Query: { houses: () => [{ id: '1' }, { id: '2' }] },
        House: { __resolveReference: id, roof: ({ id: of }: { id: string }) => ({ colour: `red ${of}` }) },
      },
    ),
    slates: subgraph(
      `type House @key(fields: "id") { id: ID! roof: Roof @shareable } type Roof { slates: Int maker: Maker }
       type Maker @key(fields: "name") { name: ID! }`,
      {
        House: {
          __resolveReference: id,
          roof: ({ id: of }: { id: string }) => (of === '2' ? null : { slates: 100, maker: { name: 'M' } }),
        },
      },
    ),
    makers: subgraph(`type Maker @key(fields: "name") { name: ID! town: String }`, {
      Maker: { __resolveReference: ({ name }: { name: string }) => ({ name, town: `town of ${name}` }) },
    }),
  })

  it('is asked for by its owner, and led on from', async () => {
    const { ours, stock } = await ask('{ houses { roof { colour slates maker { town } } } }')

    expect((ours.data as { houses: object[] }).houses[0]).toEqual({
      roof: { colour: 'red 1', slates: 100, maker: { town: 'town of M' } },
    })
    expect(stock.data).toEqual(ours.data)
  })
})
