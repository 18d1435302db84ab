import { describe, expect, it } from 'vitest'
import { federate, subgraph } from '../testing/federation.ts'

const poor = (): never => {
  throw new Error('Nobody has to ask here')
}

describe('a field that provides fields of another room', () => {
  const ask = federate({
    tickets: subgraph(
      `type Query { tickets: [Ticket!]! newest: Ticket }
       type Ticket @key(fields: "id") {
         id: ID! holder: Person @provides(fields: "name home { town }") buyer: Person
       }
       type Person @key(fields: "id") { id: ID! name: String @external home: Home @external }
       type Home { town: String @external }`,
      {
        Query: {
          tickets: () => [
            { id: 't', holder: { id: 'p', name: 'Ada', home: { town: 'Bern' } }, buyer: { id: 'q' } },
          ],
        },
      },
    ),
    people: subgraph(
      `type Person @key(fields: "id") { id: ID! name: String @shareable home: Home @shareable }
       type Home @shareable { town: String street: String }`,
      {
        Person: {
          __resolveReference: ({ id }: { id: string }) => ({
            id,
            name: `name of ${id}`,
            home: { town: 'Thun', street: 'Gasse' },
          }),
        },
      },
    ),
  })

  it('saves the way there', async () => {
    const { ours, stock, calls } = await ask('{ tickets { holder { name home { town } } } }')

    expect(ours).toEqual({
      data: { tickets: [{ holder: { name: 'Ada', home: { town: 'Bern' } } }] },
      errors: [],
    })
    expect(calls).toEqual(['tickets'])
    expect(stock).toEqual(ours)
  })

  it('does not for fields beside it, or for another field of the type', async () => {
    const { ours, stock, calls } = await ask('{ tickets { buyer { name } holder { home { street } } } }')

    expect(ours).toEqual({
      data: { tickets: [{ buyer: { name: 'name of q' }, holder: { home: { street: 'Gasse' } } }] },
      errors: [],
    })
    expect(calls).toEqual(['tickets', 'people'])
    expect(stock).toEqual(ours)
  })
})

describe('what is provided of an interface and of a union', () => {
  const found = [
    { __typename: 'Station', id: 's', name: 'Bern' },
    { __typename: 'Halt', id: 'h', name: 'Wald' },
  ]
  const ask = federate({
    search: subgraph(
      `type Query {
         found: [Place] @provides(fields: "... on Station { name } ... on Halt { name }")
         any: [Thing] @provides(fields: "... on Station { name }")
       }
       interface Place { id: ID! } union Thing = Station | Halt
       type Station implements Place @key(fields: "id") { id: ID! name: String @external }
       type Halt implements Place @key(fields: "id") { id: ID! name: String @external }`,
      { Query: { found: () => found, any: () => found } },
    ),
    places: subgraph(
      `type Station @key(fields: "id") { id: ID! name: String @shareable tracks: Int }
       type Halt @key(fields: "id") { id: ID! name: String @shareable }`,
      {
        Station: { __resolveReference: ({ id }: { id: string }) => ({ id, tracks: 12, name: poor }) },
        Halt: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `halt ${id}` }) },
      },
    ),
  })

  it('is taken for all of its types', async () => {
    const { ours, stock, calls } = await ask('{ found { ... on Station { name } ... on Halt { name } } }')

    expect(ours).toEqual({ data: { found: [{ name: 'Bern' }, { name: 'Wald' }] }, errors: [] })
    expect(calls).toEqual(['search'])
    expect(stock).toEqual(ours)
  })

  it('is taken for the types it is provided of', async () => {
    const { ours, stock } = await ask('{ any { ... on Station { name tracks } ... on Halt { name } } }')

    expect(ours).toEqual({ data: { any: [{ name: 'Bern', tracks: 12 }, { name: 'halt h' }] }, errors: [] })
    expect(stock).toEqual(ours)
  })
})
