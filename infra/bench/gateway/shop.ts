import { composeServices } from '@apollo/composition'
import { type DocumentNode, parse } from 'graphql'

/**
 * The shop of the public federation gateway benchmark, in shape and size: 6 users, 9 products, 11 reviews, all of them by the
 * first user. The texts are made up.
 */
export interface Subgraph {
  typeDefs: DocumentNode
  resolvers: Record<string, Record<string, (source: Given, args: Given) => unknown>>
}

/** What resolvers get, as a row, a representation or arguments: some of these, as their subgraph's schema says. */
interface Given {
  id: string
  upc: string
  price: number
  weight: number
  first: number
}

const WORDS = 'a quiet lamp on every table and some warm bread beside two plain cups of good tea'.split(' ')

function bodyOf(length: number, start: number): string {
  let text = ''
  for (let at = start; text.length < length; at++) text += `${WORDS[at % WORDS.length]} `
  return `${text.slice(0, length - 1)}.`
}

const users = [
  'Ines Moreau',
  'Tomasz Zielinski',
  'Amara Okafor',
  'Kenji Watanabe',
  'Lucia Ferrari',
  'Noor Haddad',
].map((name, index) => ({
  __typename: 'User',
  id: `${index + 1}`,
  name,
  username: name.toLowerCase().replace(' ', ''),
  birthday: 1_234_567_890,
}))

const products = [
  { name: 'Table', price: 899, weight: 100, inStock: true },
  { name: 'Couch', price: 1_299, weight: 1_000, inStock: false },
  { name: 'Glass', price: 15, weight: 20, inStock: false },
  { name: 'Chair', price: 499, weight: 100, inStock: false },
  { name: 'TV', price: 1_299, weight: 1_000, inStock: true },
  { name: 'Lamp', price: 6_999, weight: 300, inStock: true },
  { name: 'Grill', price: 3_999, weight: 2_000, inStock: true },
  { name: 'Fridge', price: 100_000, weight: 6_000, inStock: false },
  { name: 'Sofa', price: 9_999, weight: 800, inStock: true },
].map((product, index) => ({ __typename: 'Product', upc: `${index + 1}`, ...product }))

const reviews = [
  ['1', 445],
  ['1', 287],
  ['1', 272],
  ['1', 144],
  ['2', 445],
  ['2', 287],
  ['2', 272],
  ['2', 144],
  ['3', 144],
  ['4', 144],
  ['4', 838],
].map(([upc, length], index) => ({
  __typename: 'Review',
  id: `${index + 1}`,
  body: bodyOf(Number(length), index),
  product: { __typename: 'Product', upc: String(upc) },
  author: { __typename: 'User', id: '1', username: users[0]?.username },
}))

const productOf = ({ upc }: { upc: string }): (typeof products)[number] | undefined =>
  products.find((product) => product.upc === upc)

/** Four subgraphs, in the older way of writing them that all gateways understand. */
export const SUBGRAPHS: Record<string, Subgraph> = {
  accounts: {
    typeDefs: parse(`extend type Query { me: User user(id: ID!): User users: [User] }
      type User @key(fields: "id") { id: ID! name: String username: String birthday: Int }`),
    resolvers: {
      Query: {
        me: () => users[0],
        user: (_, { id }) => users.find((user) => user.id === id),
        users: () => users,
      },
      User: { __resolveReference: ({ id }) => users.find((user) => user.id === id) },
    },
  },
  inventory: {
    typeDefs: parse(`extend type Product @key(fields: "upc") {
        upc: String! @external weight: Int @external price: Int @external
        inStock: Boolean shippingEstimate: Int @requires(fields: "price weight")
      }`),
    resolvers: {
      Product: {
        __resolveReference: (reference) => ({ ...reference, inStock: productOf(reference)?.inStock }),
        shippingEstimate: ({ price, weight }) => (price > 1_000 ? 0 : Math.floor(weight / 2)),
      },
    },
  },
  products: {
    typeDefs: parse(`extend type Query { topProducts(first: Int = 5): [Product] }
      type Product @key(fields: "upc") { upc: String! name: String price: Int weight: Int }`),
    resolvers: {
      Query: { topProducts: (_, { first }) => products.slice(0, first) },
      Product: { __resolveReference: productOf },
    },
  },
  reviews: {
    typeDefs: parse(`type Review @key(fields: "id") {
        id: ID! body: String product: Product author: User @provides(fields: "username")
      }
      extend type User @key(fields: "id") { id: ID! @external username: String @external reviews: [Review] }
      extend type Product @key(fields: "upc") { upc: String! @external reviews: [Review] }`),
    resolvers: {
      Review: { __resolveReference: ({ id }) => reviews.find((review) => review.id === id) },
      User: { reviews: () => reviews.slice(0, 2) },
      Product: { reviews: ({ upc }) => reviews.filter(({ product }) => product.upc === upc) },
    },
  },
}

export function composeShop(urls: ReadonlyMap<string, string>): string {
  const services = Object.entries(SUBGRAPHS).map(([name, { typeDefs }]) => ({
    name,
    typeDefs,
    url: urls.get(name) ?? '',
  }))
  const { supergraphSdl, errors } = composeServices(services)
  if (supergraphSdl === undefined) throw new Error((errors ?? []).map(({ message }) => message).join('\n'))
  return supergraphSdl
}

/** Q1 is one fetch of 0.14 kB; Q2 is the public benchmark's: 16 fetches by Apollo's plan, 87 kB; Q3 is Q2 over slower subgraphs. */
export const QUERIES = {
  Q1: 'query Small { topProducts(first: 3) { upc name price } }',
  Q2: `fragment U on User { id username name }
    fragment R on Review { id body }
    fragment P on Product { inStock name price shippingEstimate upc weight }
    query Large {
      users { ...U reviews { ...R product { ...P reviews { ...R author { ...U reviews { ...R product { ...P } } } } } } }
      topProducts { ...P reviews { ...R author { ...U reviews { ...R product { ...P } } } } }
    }`,
} as const
