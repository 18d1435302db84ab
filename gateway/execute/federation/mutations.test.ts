import { beforeEach, describe, expect, it } from 'vitest'
import { federate, subgraph } from '../testing/federation.ts'

let count = 0
const resolved: string[] = []

beforeEach(() => {
  count = 0
  resolved.length = 0
})

const ask = federate({
  adding: subgraph(
    `type Query { count: Int } type Mutation { add(number: Int!): Int! book(title: String!): Book! }
     type Book @key(fields: "id") { id: ID! title: String! pages: Int }`,
    {
      Query: { count: () => count },
      Mutation: {
        add: (_: object, { number }: { number: number }) => {
          count += number
          return count
        },
        book: (_: object, { title }: { title: string }) => ({ id: 'b', title, pages: 100 }),
      },
    },
  ),
  multiplying: subgraph(
    `type Mutation { multiply(by: Int!): Int! }
     type Book @key(fields: "id") { id: ID! pages: Int @external price: Int @requires(fields: "pages") isNew: Boolean }`,
    {
      Mutation: {
        multiply: (_: object, { by }: { by: number }) => {
          count *= by
          return count
        },
      },
      Book: {
        __resolveReference: (reference: { id: string; pages?: number }) => {
          resolved.push(reference.id)
          return reference
        },
        price: ({ pages }: { pages: number }) => pages / 10,
        isNew: () => true,
      },
    },
  ),
})

describe('mutations', () => {
  it('are made one after the other, whichever room they are of', async () => {
    const source =
      '{ five: add(number: 5) ten: multiply(by: 2) twelve: add(number: 2) last: multiply(by: 3) }'
    const { ours } = await ask(`mutation ${source}`)

    expect(ours).toEqual({ data: { five: 5, ten: 10, twelve: 12, last: 36 }, errors: [] })
  })

  it('are led on from, and what they made is asked for once', async () => {
    const { ours, stock } = await ask('mutation { book(title: "Snow") { title price isNew } }')

    expect(ours).toEqual({ data: { book: { title: 'Snow', price: 10, isNew: true } }, errors: [] })
    expect(resolved).toEqual(['b', 'b'])
    expect(stock).toEqual(ours)
  })
})
