import { describe, expect, it } from 'vitest'
import { federate, subgraph } from '../testing/federation.ts'

interface Parcel {
  id: string
  grams: number
  size: { height: number; width: number }
  stops: { name: string; km: number }[]
}

const PARCELS: Parcel[] = [
  { id: '1', grams: 500, size: { height: 2, width: 3 }, stops: [{ name: 'Bern', km: 10 }] },
  { id: '2', grams: 900, size: { height: 1, width: 1 }, stops: [] },
]

const parcel = ({ id }: { id: string }): Parcel | undefined => PARCELS.find((known) => known.id === id)

describe('a field that requires others', () => {
  const ask = federate({
    office: subgraph(
      `type Query { parcels: [Parcel!]! }
       type Parcel @key(fields: "id") { id: ID! grams: Int size: Size stops: [Stop!]! note: String }
       type Size @shareable { height: Int width: Int } type Stop @shareable { name: String km: Int }`,
      { Query: { parcels: () => PARCELS }, Parcel: { __resolveReference: parcel, note: () => 'fragile' } },
    ),
    prices: subgraph(
      `type Parcel @key(fields: "id") {
         id: ID! grams: Int @external size: Size @external stops: [Stop!]! @external
         cost: Int @requires(fields: "grams size { height width }")
         way: Int @requires(fields: "stops { km }")
         label: String
       }
       type Size @shareable { height: Int width: Int } type Stop @shareable { km: Int }`,
      {
        Parcel: {
          __resolveReference: (reference: object) => reference,
          cost: ({ grams, size }: Parcel) => grams + size.height * size.width,
          way: ({ stops }: Parcel) => stops.reduce((sum, { km }) => sum + km, 0),
          label: ({ id }: Parcel) => `parcel ${id}`,
        },
      },
    ),
    taxes: subgraph(
      `type Parcel @key(fields: "id") { id: ID! cost: Int @external duty: String @requires(fields: "cost") }`,
      {
        Parcel: {
          __resolveReference: (reference: object) => reference,
          duty: ({ cost }: { cost: number }) => `${cost / 2}`,
        },
      },
    ),
  })

  it('is told of objects and lists', async () => {
    const { ours, stock } = await ask('{ parcels { cost way } }')

    expect(ours).toEqual({
      data: {
        parcels: [
          { cost: 506, way: 10 },
          { cost: 901, way: 0 },
        ],
      },
      errors: [],
    })
    expect(stock).toEqual(ours)
  })

  it('may require what requires something itself', async () => {
    const { ours, stock } = await ask('{ parcels { duty } }')

    expect(ours).toEqual({ data: { parcels: [{ duty: '253' }, { duty: '450.5' }] }, errors: [] })
    expect(stock).toEqual(ours)
  })

  it('leaves the others of its room when it is skipped; stock loses them', async () => {
    const { ours, stock } = await ask('query ($no: Boolean!) { parcels { label cost @skip(if: $no) } }', {
      no: true,
    })

    expect(ours).toEqual({ data: { parcels: [{ label: 'parcel 1' }, { label: 'parcel 2' }] }, errors: [] })
    expect(stock.data).toEqual({ parcels: [{ label: null }, { label: null }] })
  })

  it('is not misled by a client that calls something else so; stock is', async () => {
    const { ours, stock } = await ask('{ parcels { grams: note cost size { height: width } } }')

    expect(ours).toEqual({
      data: {
        parcels: [
          { grams: 'fragile', cost: 506, size: { height: 3 } },
          { grams: 'fragile', cost: 901, size: { height: 1 } },
        ],
      },
      errors: [],
    })
    expect(stock.data).not.toEqual(ours.data)
  })
})

describe('a field that requires another with arguments', () => {
  const price = ({ id }: { id: string }, { currency = 'CHF' }: { currency?: string }): number =>
    Number(id) * ({ CHF: 100, EUR: 95, USD: 110 }[currency] ?? Number.NaN)
  const ask = federate({
    office: subgraph(
      `type Query { parcels: [Parcel!]! }
       type Parcel @key(fields: "id") { id: ID! price(currency: String): Int stops(first: Int!): [Stop] }
       type Stop @shareable { name(upper: Boolean): String }`,
      {
        Query: { parcels: () => PARCELS },
        Parcel: {
          __resolveReference: parcel,
          price,
          stops: (_: object, { first }: { first: number }) =>
            ['Bern', 'Thun', 'Spiez'].slice(0, first).map((name) => ({ name })),
        },
        Stop: {
          name: ({ name }: { name: string }, { upper }: { upper?: boolean }) =>
            upper ? name.toUpperCase() : name,
        },
      },
    ),
    abroad: subgraph(
      `type Parcel @key(fields: "id") {
         id: ID! price(currency: String): Int @external stops(first: Int!): [Stop] @external
         euros: String @requires(fields: "price(currency: \\"EUR\\")")
         dollars: String @requires(fields: "price(currency: \\"USD\\")")
         francs: String @requires(fields: "price")
         route: String @requires(fields: "stops(first: 3) { name(upper: true) }")
         code: String
       }
       type Stop @shareable { name(upper: Boolean): String }`,
      {
        Parcel: {
          __resolveReference: (reference: object) => reference,
          euros: ({ price: amount }: { price: number }) => `${amount} EUR`,
          dollars: ({ price: amount }: { price: number }) => `${amount} USD`,
          francs: ({ price: amount }: { price: number }) => `${amount} CHF`,
          route: ({ stops }: { stops: { name: string }[] }) => stops.map(({ name }) => name).join(),
          code: ({ id }: { id: string }) => `code ${id}`,
        },
      },
    ),
  })

  it('gets it as it wants it', async () => {
    const { ours, stock } = await ask('{ parcels { euros route } }')

    expect(ours).toEqual({
      data: {
        parcels: [
          { euros: '95 EUR', route: 'BERN,THUN,SPIEZ' },
          { euros: '190 EUR', route: 'BERN,THUN,SPIEZ' },
        ],
      },
      errors: [],
    })
    expect(stock).toEqual(ours)
  })

  it('gets its own beside the one of the client, who gets the other; stock answers both with one', async () => {
    const { ours, stock } = await ask(
      'query ($first: Int!) { parcels { euros route price(currency: "USD") stops(first: $first) { name } } }',
      { first: 1 },
    )

    expect(ours).toEqual({
      data: {
        parcels: [
          { euros: '95 EUR', route: 'BERN,THUN,SPIEZ', price: 110, stops: [{ name: 'Bern' }] },
          { euros: '190 EUR', route: 'BERN,THUN,SPIEZ', price: 220, stops: [{ name: 'Bern' }] },
        ],
      },
      errors: [],
    })
    expect(stock.data).not.toEqual(ours.data)
  })

  it('gets its own beside another that wants other ones, in one request; stock tells both the same', async () => {
    const { ours, stock, calls } = await ask('{ parcels { euros dollars francs code } }')

    expect(ours).toEqual({
      data: {
        parcels: [
          { euros: '95 EUR', dollars: '110 USD', francs: '100 CHF', code: 'code 1' },
          { euros: '190 EUR', dollars: '220 USD', francs: '200 CHF', code: 'code 2' },
        ],
      },
      errors: [],
    })
    expect(calls).toEqual(['office', 'abroad'])
    expect(stock.data).not.toEqual(ours.data)
  })
})

describe('a field that requires fields of some types only', () => {
  const ask = federate({
    fleet: subgraph(
      `type Query { depots: [Depot!]! } type Depot @key(fields: "id") { id: ID! stock: [Vehicle!]! }
       interface Vehicle { id: ID! } interface Powered implements Vehicle { id: ID! kilowatts: Int }
       type Engine implements Vehicle & Powered { id: ID! kilowatts: Int fuel: String @shareable }
       type Wagon implements Vehicle { id: ID! seats: Int }`,
      {
        Query: {
          depots: () => [
            {
              id: 'd',
              stock: [
                { __typename: 'Engine', id: 'e', kilowatts: 800, fuel: 'diesel' },
                { __typename: 'Wagon', id: 'w', seats: 60 },
              ],
            },
          ],
        },
      },
    ),
    figures: subgraph(
      `type Depot @key(fields: "id") {
         id: ID! stock: [Vehicle!]! @external
         summary: String @requires(fields: "stock { id ... on Powered { kilowatts ... on Engine { fuel } } ... on Wagon { seats } }")
       }
       interface Vehicle { id: ID! } interface Powered implements Vehicle { id: ID! kilowatts: Int }
       type Engine implements Vehicle & Powered { id: ID! @external kilowatts: Int @external fuel: String @external }
       type Wagon implements Vehicle { id: ID! @external seats: Int @external }`,
      {
        Depot: {
          __resolveReference: (reference: object) => reference,
          summary: ({ stock }: { stock: object[] }) => JSON.stringify(stock),
        },
      },
    ),
  })

  it('is told of each what it has', async () => {
    const { ours, stock } = await ask('{ depots { summary } }')
    const summary = JSON.parse((ours.data as { depots: { summary: string }[] }).depots[0]?.summary ?? '')

    expect(summary).toEqual([
      { id: 'e', kilowatts: 800, fuel: 'diesel' },
      { id: 'w', seats: 60 },
    ])
    expect(stock.errors).toEqual([])
  })
})

describe('a field that requires one with arguments of an interface', () => {
  const ask = federate({
    works: subgraph(
      `type Query { shelves: [Shelf!]! } type Shelf @key(fields: "id") { id: ID! works: [Work!]! }
       interface Work { id: ID! title(in: String!): String }
       type Book implements Work { id: ID! title(in: String!): String } type Film implements Work { id: ID! title(in: String!): String }`,
      {
        Query: { shelves: () => [{ id: 's' }] },
        Shelf: {
          works: () => [
            { __typename: 'Book', id: 'b' },
            { __typename: 'Film', id: 'f' },
          ],
        },
        Book: { title: ({ id }: { id: string }, args: { in: string }) => `book ${id} in ${args.in}` },
        Film: { title: ({ id }: { id: string }, args: { in: string }) => `film ${id} in ${args.in}` },
      },
    ),
    labels: subgraph(
      `type Shelf @key(fields: "id") {
         id: ID! works: [Work!]! @external label: String @requires(fields: "works { title(in: \\"de\\") }")
       }
       interface Work { id: ID! title(in: String!): String }
       type Book implements Work { id: ID! @external title(in: String!): String @external }
       type Film implements Work { id: ID! @external title(in: String!): String @external }`,
      {
        Shelf: {
          __resolveReference: (reference: object) => reference,
          label: ({ works }: { works: { title: string }[] }) => works.map(({ title }) => title).join(),
        },
      },
    ),
  })

  it('is told of every type what it wants, and the client what it wants', async () => {
    const { ours, stock } = await ask('{ shelves { label works { title(in: "en") ... on Film { id } } } }')

    expect(ours).toEqual({
      data: {
        shelves: [
          {
            label: 'book b in de,film f in de',
            works: [{ title: 'book b in en' }, { title: 'film f in en', id: 'f' }],
          },
        ],
      },
      errors: [],
    })
    expect(stock.data).not.toEqual(ours.data)
  })
})

describe('a room that fails to give what is required', () => {
  const ask = federate({
    office: subgraph(`type Query { parcels: [Parcel!]! } type Parcel @key(fields: "id") { id: ID! }`, {
      Query: { parcels: () => PARCELS },
    }),
    scales: subgraph(`type Parcel @key(fields: "id") { id: ID! grams: Int! }`, {
      Parcel: {
        __resolveReference: async ({ id }: { id: string }) => {
          if (id === '2') throw new Error('The scales are stuck')
          return { id, grams: 5 }
        },
      },
    }),
    prices: subgraph(
      `type Parcel @key(fields: "id") { id: ID! grams: Int! @external cost: Int @requires(fields: "grams") label: String }`,
      {
        Parcel: {
          __resolveReference: (reference: object) => reference,
          cost: ({ grams }: Parcel) => grams * 2,
          label: ({ id }: Parcel) => `parcel ${id}`,
        },
      },
    ),
  })

  it('costs the field that requires it, with the reason, and nothing else', async () => {
    const { ours, stock } = await ask('{ parcels { cost label } }')

    expect(ours).toMatchObject({
      data: {
        parcels: [
          { cost: 10, label: 'parcel 1' },
          { cost: null, label: 'parcel 2' },
        ],
      },
      errors: [{ message: 'The scales are stuck', path: ['parcels', 1] }],
    })
    expect(stock.data).toEqual(ours.data)
  })
})
