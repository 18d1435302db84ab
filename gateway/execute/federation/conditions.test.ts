import { describe, expect, it } from 'vitest'
import { federate, subgraph } from '../testing/federation.ts'

const ask = federate({
  shelf: subgraph(
    `type Query { book: Book none: Book media: [Media] } interface Media { id: ID! title: String }
     type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int author: Person }
     type Film implements Media { id: ID! title: String } type Person @key(fields: "id") { id: ID! }`,
    {
      Query: {
        book: () => ({ id: 'b', title: 'Snow', pages: 90, author: { id: 'p' } }),
        none: () => null,
        media: () => [
          { __typename: 'Film', id: 'f' },
          { __typename: 'Book', id: 'b' },
        ],
      },
    },
  ),
  people: subgraph(
    `type Person @key(fields: "id") { id: ID! name: String age: Int home: Home } type Home { town: String }`,
    {
      Person: { name: () => 'Ada', age: () => 36, home: () => ({ town: 'Bern' }) },
    },
  ),
})

describe('an object of which nothing is left', () => {
  it('is there all the same, or is not', async () => {
    const { ours, stock } = await ask(
      'query ($no: Boolean!) { book { title @skip(if: $no) } none { title @skip(if: $no) } }',
      { no: true },
    )

    expect(ours).toEqual({ data: { book: {}, none: null }, errors: [] })
    expect(stock).toEqual(ours)
  })

  it('is there by what is written in the document too, within others and in lists', async () => {
    const { ours, stock } = await ask(`{
      book { author { name @include(if: false) } }
      media { ... on Book { ...Nothing } }
    }
    fragment Nothing on Media { title @skip(if: true) }`)

    expect(ours).toEqual({ data: { book: { author: {} }, media: [{}, {}] }, errors: [] })
    expect(stock).toEqual(ours)
  })
})

describe('an object with a condition', () => {
  it('is there with nothing in it, where only what is in it is skipped; stock says it is null', async () => {
    const { ours, stock } = await ask(
      `query ($yes: Boolean!, $no: Boolean!) {
        book { author { home @include(if: $yes) { ...Town } } }
        none @include(if: $yes) { title @include(if: $no) }
        gone: book @include(if: $no) { title @include(if: $no) }
      }
      fragment Town on Home { town @include(if: $no) }`,
      { yes: true, no: false },
    )

    expect(ours).toEqual({ data: { book: { author: { home: {} } }, none: null }, errors: [] })
    expect(stock.data).toEqual({ book: { author: { home: null } }, none: null })
  })
})

describe('a fetch that is skipped', () => {
  const source = `query ($names: Boolean!, $ages: Boolean! = true) {
    book { title author { ... @include(if: $names) { name } age @include(if: $ages) } }
  }`

  it('is not made, and its fields are not in the answer', async () => {
    const { ours, stock, calls } = await ask(source, { names: false, ages: false })

    expect(ours).toEqual({ data: { book: { title: 'Snow', author: {} } }, errors: [] })
    expect(calls).toEqual(['shelf'])
    expect(stock.data).toEqual(ours.data)
  })

  it('is made for those that are left, with defaults for what is not given', async () => {
    const { ours, stock } = await ask(source, { names: false })

    expect(ours).toEqual({ data: { book: { title: 'Snow', author: { age: 36 } } }, errors: [] })
    expect(stock).toEqual(ours)
  })
})

describe('a requirement that is skipped', () => {
  it('takes nothing with it that can do without', async () => {
    const askShop = federate({
      shelf: subgraph(
        `type Query { book: Book } type Book @key(fields: "id") { id: ID! weight: Int price(times: Int): Int }`,
        { Query: { book: () => ({ id: 'b', weight: 2 }) }, Book: { price: () => 30 } },
      ),
      shop: subgraph(
        `type Book @key(fields: "id") { id: ID! rank: Int weight: Int @external price(times: Int): Int @external
           shipping: String @requires(fields: "weight") duty: String @requires(fields: "price(times: 2)") }`,
        {
          Book: {
            rank: () => 1,
            shipping: ({ weight }) => `for ${weight}`,
            duty: ({ price }) => `of ${price}`,
          },
        },
      ),
    })

    const { ours, calls } = await askShop(
      `query ($no: Boolean!) { book { ... on Book @skip(if: $no) { rank } shipping duty @skip(if: true) } }`,
      { no: true },
    )

    expect(ours).toEqual({ data: { book: { shipping: 'for 2' } }, errors: [] })
    expect(calls).toEqual(['shelf', 'shop'])
  })
})
