import { composeServices } from '@apollo/composition'
import { Supergraph } from '@apollo/federation-internals'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { type DocumentNode, type GraphQLSchema, parse } from 'graphql'
import { readSchema } from '#shared/schema.ts'
import { ROOMS } from '../../../schema/supergraph.ts'
import { type Facts, factsOf } from './facts.ts'

/** A supergraph with its subgraphs, as tests execute them. */
export interface Graph {
  sdl: string
  internals: Supergraph
  apiSchema: GraphQLSchema
  supergraphSchema: GraphQLSchema
  rooms: ReadonlyMap<string, GraphQLSchema>
  facts: Facts
}

export function composeGraph(sdl: Readonly<Record<string, DocumentNode>>): Graph {
  const services = Object.entries(sdl).map(([name, typeDefs]) => ({ name, typeDefs }))
  const { supergraphSdl, errors } = composeServices(services)
  if (supergraphSdl === undefined) throw new Error((errors ?? []).map(({ message }) => message).join('\n'))
  const internals = Supergraph.build(supergraphSdl)
  return {
    sdl: supergraphSdl,
    internals,
    apiSchema: internals.apiSchema().toGraphQLJSSchema(),
    supergraphSchema: internals.schema.toGraphQLJSSchema(),
    rooms: new Map(services.map(({ name, typeDefs }) => [name, buildSubgraphSchema({ typeDefs })])),
    facts: factsOf(sdl),
  }
}

/** The five rooms of this repository. */
export function cadenza(): Graph {
  return composeGraph(Object.fromEntries(ROOMS.map((name) => [name, readSchema(name)])))
}

const LINK = (imports: string): string =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${imports}])`

/** A library shop: what our own rooms do without, in four small subgraphs. */
export function library(): Graph {
  return composeGraph({
    shelf: parse(`${LINK('"@key" "@shareable" "@inaccessible"')}
        type Query {
          media(first: Int): [Media!]! book(id: ID!): Book things: [Thing] grid: [[Media]!] shop: Shop @shareable
          matrix(size: Int = 2): [[Cell!]!]
        }
        type Mutation { lend(id: ID!): Book giveBack(id: ID!, to: String): Media }
        interface Media @key(fields: "id") { id: ID! title: String! genre: Genre sequel: Media }
        type Book implements Media @key(fields: "id") @key(fields: "isbn edition") {
          id: ID! isbn: ID! edition: Int! title: String! genre: Genre sequel: Media pages: Int author: Person
          box: Box related: [Media!] price: Int weight: Float
        }
        type Film implements Media @key(fields: "id") {
          id: ID! title: String! genre: Genre sequel: Media minutes: Int cast: [Person!]! box: Box
        }
        type Person @key(fields: "id") { id: ID! name: String @shareable }
        type Box @shareable { size: Int label: String! inner: Box }
        type Cell { x: Int! y: Int thing: Thing }
        type Shop @shareable { name: String owner: Person items: [Item!] }
        type Item @shareable { id: ID! count: Int! }
        union Thing = Book | Film | Person
        enum Genre { NOVEL ESSAY SECRET @inaccessible }`),
    stock: parse(`${LINK('"@key" "@external" "@requires" "@shareable"')}
        type Query { cheap(max: Float): [Book] shop: Shop @shareable }
        type Book @key(fields: "isbn edition") {
          isbn: ID! edition: Int! price: Int @external weight: Float @external box: Box @external
          shipping(to: String): String @requires(fields: "price weight") packing: String! @requires(fields: "box { size label }")
          copies: [Copy!]! shelves: [[Int]!]
        }
        type Copy @key(fields: "id") { id: ID! state: String holder: Person book: Book! }
        type Person @key(fields: "id") { id: ID! loans: [Copy!] limit: Int! }
        type Box @shareable { size: Int label: String! }
        type Shop @shareable { name: String opened: String items: [Item!] }
        type Item @shareable { id: ID! }`),
    opinions: parse(`${LINK('"@key" "@interfaceObject" "@external" "@provides"')}
        type Query { best: [Media] latest: Review }
        type Media @key(fields: "id") @interfaceObject { id: ID! rating: Float reviews(first: Int = 3): [Review!]! }
        type Review @key(fields: "id") { id: ID! body: String! writer: Person @provides(fields: "name") about: Media }
        type Person @key(fields: "id") { id: ID! name: String @external reviews: [Review] mood: Mood }
        enum Mood { KIND STRICT }`),
    people: parse(`${LINK('"@key" "@shareable"')}
        type Query { me: Person everybody: [Person!] }
        type Person @key(fields: "id") { id: ID! name: String @shareable home: Address friends(first: Int): [Person] best: Person! }
        type Address { street: String! lines: [String!] }`),
  })
}
