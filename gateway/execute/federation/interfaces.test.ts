import { describe, expect, it } from 'vitest'
import { federate, subgraph } from '../testing/federation.ts'

const STOPS = [
  { __typename: 'Station', id: 's', name: 'Bern', tracks: 12 },
  { __typename: 'Pier', id: 'p', name: 'Thun', depth: 4 },
]

const ask = federate({
  map: subgraph(
    `type Query { stops: [Stop!]! first: Named nothing: Stop }
     interface Stop { id: ID! name: String next: Stop }
     interface Named { name: String }
     interface Watered implements Named { name: String depth: Int }
     type Station implements Stop & Named @key(fields: "id") { id: ID! name: String next: Stop tracks: Int }
     type Pier implements Stop & Named & Watered @key(fields: "id") { id: ID! name: String next: Pier depth: Int }
     type Secret implements Stop @inaccessible { id: ID! name: String next: Stop }`,
    {
      Query: {
        stops: () => STOPS,
        first: () => STOPS[1],
        nothing: () => ({ __typename: 'Secret', id: 'x' }),
      },
      Station: { next: () => STOPS[1] },
      Pier: { next: () => STOPS[1] },
    },
  ),
  weather: subgraph(
    `type Pier @key(fields: "id") { id: ID! waves: Int sky: Sky } type Sky @shareable { clouds: Int }`,
    {
      Pier: { __resolveReference: ({ id }: { id: string }) => ({ id, waves: 2, sky: { clouds: 7 } }) },
    },
  ),
  town: subgraph(
    `type Station @key(fields: "id") { id: ID! sky: Sky mayor: String } type Sky @shareable { clouds: Int }`,
    {
      Station: { __resolveReference: ({ id }: { id: string }) => ({ id, sky: { clouds: 1 }, mayor: 'Eva' }) },
    },
  ),
})

describe('an interface', () => {
  it('has what its rooms say of each type', async () => {
    const { ours, stock } = await ask(`{
      stops { name ... on Station { tracks mayor sky { clouds } } ... on Pier { waves sky { clouds } } }
    }`)

    expect(ours).toEqual({
      data: {
        stops: [
          { name: 'Bern', tracks: 12, mayor: 'Eva', sky: { clouds: 1 } },
          { name: 'Thun', waves: 2, sky: { clouds: 7 } },
        ],
      },
      errors: [],
    })
    expect(stock).toEqual(ours)
  })

  it('is looked at through another one, and one within that', async () => {
    const { ours, stock } = await ask(`{
      stops { ... on Named { kind: __typename ... on Watered { depth } } } first { ... on Stop { id next { __typename } } }
    }`)

    expect(ours).toEqual({
      data: {
        stops: [{ kind: 'Station' }, { kind: 'Pier', depth: 4 }],
        first: { id: 'p', next: { __typename: 'Pier' } },
      },
      errors: [],
    })
    expect(stock).toEqual(ours)
  })

  it('may have a narrower type for its field, and lead on from there', async () => {
    const { ours, stock } = await ask('{ stops { next { id ... on Pier { waves } } } }')

    expect(ours).toEqual({
      data: { stops: [{ next: { id: 'p', waves: 2 } }, { next: { id: 'p', waves: 2 } }] },
      errors: [],
    })
    expect(stock).toEqual(ours)
  })

  it('says nothing of an object when nothing is selected of its type', async () => {
    const { ours, stock } = await ask('{ stops { ... on Pier { depth } } }')

    expect(ours).toEqual({ data: { stops: [{}, { depth: 4 }] }, errors: [] })
    expect(stock).toEqual(ours)
  })

  it('hides objects of a type that clients do not know, with an error; stock has none', async () => {
    const { ours, stock } = await ask('{ nothing { id } }')

    expect(ours).toMatchObject({ data: { nothing: null }, errors: [{ path: ['nothing'] }] })
    expect(stock).toEqual({ data: { nothing: null }, errors: [] })
  })
})
