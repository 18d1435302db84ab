import { composeServices } from '@apollo/composition'
import { Supergraph } from '@apollo/federation-internals'
import { buildSchema, getOperationAST, parse } from 'graphql'
import { expect, test } from 'vitest'
import { takeDirectives } from '../directives.ts'
import { fragmentsOf } from '../execute/selection.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { createCost } from './cost.ts'

const DIRECTIVES = `
  directive @cost(weight: Int!) on FIELD_DEFINITION | OBJECT | SCALAR | ENUM | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION
  directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION`

const SHOP = `${DIRECTIVES}
  type Query {
    product: Product
    products: [Product!]!
    top(first: Int = 5): [Product]
    page(first: Int, last: Int, after: String): Page
    tags(first: Huge): [String]
    strict(first: Int, last: Int): [Product] @listSize(slicingArguments: ["first", "last"])
    loose(first: Int, last: Int): [Product]
      @listSize(slicingArguments: ["first", "last"], assumedSize: 7, requireOneSlicingArgument: false)
    assumed: [Product] @listSize(assumedSize: 3)
    found(input: Search): Results @listSize(slicingArguments: ["input.first"], sizedFields: ["hits"])
    dear: Product @cost(weight: 50)
    heavy: Heavy
    all(first: Int): All
    grid: [[Product]]
    search(text: String @cost(weight: 4), by: Search): Product
    thing: Thing
    node: Node
  }
  type Mutation { touch: Product }
  type Product implements Node { id: ID  name: String  secret: String @cost(weight: 9)  related(first: Int): Page }
  type Page { edges: [Edge]  nodes: [Product]  others: [Product]  total: Int }
  type All { these: Page  those: Page }
  type Edge { node: Product }
  type Results { hits: [Product]  total: Int }
  type Heavy implements Node @cost(weight: 20) { id: ID  secret: String }
  input Search { text: String @cost(weight: 2)  first: Int  more: [Search!] }
  union Thing = Product | Heavy
  scalar Huge
  interface Node { id: ID  secret: String }`

const { sdl, directives } = takeDirectives(SHOP)
const shop = createCost(buildSchema(sdl), directives, DEFAULT_LIMITS)

function costOf(source: string, variables: Record<string, unknown> = {}): number {
  const document = parse(source)
  const operation = getOperationAST(document)
  if (!operation) throw new Error('No operation')
  return shop(operation, fragmentsOf(document))(variables)
}

test.each([
  ['objects cost 1 and leaves nothing', '{ product { id name } }', 1],
  ['an unknown list has ten items', '{ products { id } }', 10],
  ['a page has as many as are asked for', '{ top(first: 3) { id } }', 3],
  ['left open, as many as its default says', '{ top { id } }', 5],
  ['or as pages have', '{ page { nodes { id } } }', 1 + 20],
  [
    'a page is spread over edges and nodes',
    '{ page(first: 4) { edges { node { id } } nodes { id } } }',
    1 + 8 + 4,
  ],
  ['and over nothing else', '{ page(first: 4) { others { id } } }', 1 + 10],
  [
    'pages multiply',
    '{ page(last: 4) { nodes { related(first: 5) { nodes { id } } } } }',
    1 + 4 * (1 + 1 + 5),
  ],
  ['the greater of several sizes counts', '{ loose(first: 2, last: 6) { id } }', 6],
  ['an assumed size where none is given', '{ loose { id } assumed { id } }', 7 + 3],
  ['a size within an input', '{ found(input: { first: 6 }) { hits { id } total } }', 1 + 6 + 1],
  ['a field that weighs', '{ dear { id } product { secret } }', 50 + 1 + 9],
  ['a type that weighs', '{ heavy { id } }', 20],
  ['the heaviest of what an interface may be', '{ node { secret } }', 20 + 9],
  ['lists of lists', '{ grid { id } }', 100],
  [
    'arguments and inputs that weigh',
    '{ search(text: "x", by: { text: "y", more: [{ text: "z" }] }) { id } }',
    1 + 4 + 6,
  ],
  [
    'every member of a union',
    '{ thing { ... on Product { related { total } } ... on Heavy { id } } }',
    20 + 1,
  ],
  ['fragments', '{ ...F } fragment F on Query { products { id } }', 10],
  [
    'what is skipped costs nothing',
    '{ products @skip(if: true) { id } product @include(if: true) { id } }',
    1,
  ],
  ['a mutation costs 10 more', 'mutation { touch { id } }', 11],
  ['a negative page is empty', '{ top(first: -9) { id } }', 0],
])('%s', (_, source, cost) => {
  expect(costOf(source)).toBe(cost)
})

test('variables count as what they are', () => {
  const query =
    'query($n: Int, $by: Search, $yes: Boolean!) { top(first: $n) { id } search(by: $by) @include(if: $yes) { id } }'

  expect(costOf(query, { n: 8, yes: false })).toBe(8)
  expect(costOf(query, { n: 8, yes: true, by: { text: 'x' } })).toBe(8 + 1 + 3)
  expect(costOf(query, { yes: false })).toBe(5)
})

test('a size beyond all numbers is too much, and not nothing', () => {
  expect(() => costOf('query ($n: Huge) { tags(first: $n) }', { n: Number.POSITIVE_INFINITY })).toThrow(
    'fields',
  )
})

test('a list that has to be sliced by one argument is refused with none or two', () => {
  expect(costOf('{ strict(first: 9) { id } }')).toBe(9)
  for (const given of ['', '(first: 1, last: 1)', '(first: null)']) {
    expect(() => costOf(`{ strict${given} { id } }`)).toThrow('strict needs exactly one of first, last')
  }
})

test('exactly the limit is taken, one more refused, and the client is told both figures', () => {
  const { cost } = DEFAULT_LIMITS

  expect(costOf(`{ top(first: ${cost}) { id } }`)).toBe(cost)
  expect(() => costOf(`{ top(first: ${cost + 1}) { id } }`)).toThrow(
    expect.objectContaining({
      code: 'QUERY_TOO_COMPLEX',
      message: expect.stringContaining(`costs ${cost + 1}`),
    }),
  )
})

test('introspection costs by what is selected of the types, through fragments', () => {
  const one = costOf('{ __schema { types { name } } }')

  expect(one).toBeGreaterThan(0)
  expect(costOf('{ __schema { types { ...N } } } fragment N on __Type { name }')).toBeGreaterThan(one)
  expect(costOf('{ a: __schema { types { name } } b: __schema { types { name } } }')).toBe(2 * one)
  expect(costOf('{ __typename }')).toBe(0)
})

test('fields of the answer are counted as well, leaves among them: exactly as many as allowed, and not one more', () => {
  const fields = (count: number, first: number): string =>
    `{ top(first: ${first}) { ${Array.from({ length: count }, (_, at) => `a${at}: id`).join(' ')} } }`
  const { answerFields } = DEFAULT_LIMITS

  expect(() => costOf(fields(19, answerFields / 20))).not.toThrow()
  expect(() => costOf(fields(19, answerFields / 20 + 1))).toThrow(`more than ${answerFields} fields`)
  expect(() => costOf(fields(20, answerFields / 20))).toThrow(`more than ${answerFields} fields`)
})

test('introspection costs by what is selected of the types', () => {
  const one = costOf('{ __schema { types { name } } }')

  expect(one).toBeGreaterThan(0)
  expect(costOf('{ ...F } fragment F on Query { __schema { types { name } } }')).toBe(one)
  expect(costOf('{ __schema { types { name } } a: __type(name: "x") { name fields { name } } }')).toBeCloseTo(
    one * 2.5,
  )
})

test('the directives count as composition writes them, whatever a subgraph calls them', () => {
  const { supergraphSdl, errors } = composeServices([
    {
      name: 'shop',
      typeDefs: parse(`extend schema @link(
          url: "https://specs.apollo.dev/federation/v2.9"
          import: [{ name: "@cost", as: "@price" }, "@listSize"]
        )
        type Query { few: [Thing] @listSize(assumedSize: 2)  one: Thing @price(weight: 7) }
        type Thing { id: ID }`),
    },
  ])
  expect(errors).toBeUndefined()
  const composed = takeDirectives(supergraphSdl ?? '')
  const schema = Supergraph.build(composed.sdl).apiSchema().toGraphQLJSSchema()
  const document = parse('{ few { id } one { id } }')
  const operation = getOperationAST(document)

  expect(operation && createCost(schema, composed.directives, DEFAULT_LIMITS)(operation, new Map())({})).toBe(
    2 + 7,
  )
})
