import { describe, expect, it } from 'vitest'
import { federate, subgraph } from '../testing/federation.ts'

const gone = (): never => {
  throw new Error('This field has moved')
}

const STATIONS = [
  { id: 'b', name: 'Bern' },
  { id: 't', name: 'Thun' },
]
const byId = ({ id }: { id: string }): (typeof STATIONS)[number] | undefined =>
  STATIONS.find((station) => station.id === id)

describe('a field that another room has taken over', () => {
  const ask = federate({
    old: subgraph(
      `type Query { stations: [Stop!]! first: Station }
       interface Stop { id: ID! name: String! }
       type Station implements Stop @key(fields: "id") { id: ID! name: String! platforms: Int }`,
      {
        Query: {
          stations: () => STATIONS.map(({ id }) => ({ __typename: 'Station', id })),
          first: () => ({ id: 'b' }),
        },
        Station: { __resolveReference: byId, name: gone, platforms: () => 3 },
      },
    ),
    renewed: subgraph(`type Station @key(fields: "id") { id: ID! name: String! @override(from: "old") }`, {
      Station: { __resolveReference: byId },
    }),
    signs: subgraph(
      `type Station @key(fields: "id") { id: ID! name: String! @external sign: String @requires(fields: "name") }`,
      {
        Station: {
          __resolveReference: (reference: object) => reference,
          sign: ({ name }: { name: string }) => name.toUpperCase(),
        },
      },
    ),
  })

  it('is asked for where it is now, also through an interface', async () => {
    const { ours, stock } = await ask('{ stations { name } first { name platforms } }')

    expect(ours).toEqual({
      data: { stations: [{ name: 'Bern' }, { name: 'Thun' }], first: { name: 'Bern', platforms: 3 } },
      errors: [],
    })
    expect(stock).toEqual(ours)
  })

  it('is required from where it is now', async () => {
    const { ours, stock } = await ask('{ first { sign } }')

    expect(ours).toEqual({ data: { first: { sign: 'BERN' } }, errors: [] })
    expect(stock).toEqual(ours)
  })
})

describe('a field taken over from a room that there is not', () => {
  const ask = federate({
    one: subgraph(
      `type Query { first: Station @shareable } type Station @key(fields: "id") { id: ID! name: String! @shareable }`,
      { Query: { first: () => STATIONS[0] }, Station: { __resolveReference: byId } },
    ),
    two: subgraph(
      `type Query { second: Station }
       type Station @key(fields: "id") { id: ID! name: String! @shareable @override(from: "nowhere") }`,
      { Query: { second: () => STATIONS[1] }, Station: { __resolveReference: byId } },
    ),
  })

  it('stays where it is', async () => {
    const { ours, stock } = await ask('{ first { name } second { name } }')

    expect(ours).toEqual({ data: { first: { name: 'Bern' }, second: { name: 'Thun' } }, errors: [] })
    expect(stock).toEqual(ours)
  })
})
