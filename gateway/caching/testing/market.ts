import { setTimeout as sleep } from 'node:timers/promises'
import { GraphQLError } from 'graphql'
import { createLogger } from '#shared/telemetry.ts'
import { createJwksAuthenticator } from '../../jwks-authenticator.ts'
import { createRemoteRoom } from '../../rooms/remote-room.ts'
import { createDoor } from '../../server.ts'
import { type Asked, startSubgraphs } from '../../testing/subgraphs.ts'
import type { CachingOptions, Evictions } from '../caching.ts'

/**
 * A market whose answers say whose they are: what is private holds the viewer's name, what is public the country's. Rooms
 * answer late, each call at its own moment.
 */
export interface Market {
  url: string
  /** Changes a product's title, tells the door, and returns how often it has been changed. */
  reprint(product: string): number
  /** Calls of rooms so far. */
  calls(): number
  close(): Promise<void>
}

/** Names that objects have something under already. */
export const PRODUCTS = ['1', '2', '3', '4', '5', '__proto__', 'constructor', 'toString']

/** How long a pass is good, from when it is made. */
export const PASS_MS = 400

/** A busy machine is late; that is not what is looked at. */
const PATIENCE_MS = 60_000

const SCOPED = `
  extend schema
    @link(url: "https://specs.apollo.dev/cacheControl/v0.1", import: ["@cacheControl"])
    @link(url: "https://cadenza.example/spec/viewer/v1.0", import: ["@viewer"])
    @composeDirective(name: "@cacheControl")
    @composeDirective(name: "@viewer")
  directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean) on FIELD_DEFINITION | OBJECT
  directive @viewer on FIELD_DEFINITION
  enum CacheControlScope { PUBLIC PRIVATE }`

const viewerOf = ({ headers }: Asked): string => headers.authorization ?? 'nobody'
const countryOf = ({ headers }: Asked): string => String(headers['x-country'])

export async function openMarket(caching: CachingOptions, late: () => number): Promise<Market> {
  const names = new Map<string, number>()
  const prints = new Map<string, number>()
  const pause = (): Promise<void> => sleep(late())
  const person = (asked: Asked): object => ({
    id: viewerOf(asked),
    name: `${viewerOf(asked)} as ${names.get(viewerOf(asked)) ?? 0}`,
  })

  const subgraphs = await startSubgraphs({
    people: {
      sdl: `${SCOPED}
        type Query { viewer: Person @viewer inbox: [Message!]! @cacheControl(maxAge: 60) pass: Pass @cacheControl(maxAge: 60) refused: String @cacheControl(maxAge: 60) }
        type Mutation { rename: Person }
        type Person { id: ID! name: String! }
        type Message @cacheControl(maxAge: 60, scope: PRIVATE) { text: String! }
        type Pass { url: String! expiresAt: Float! }`,
      resolvers: {
        Query: {
          viewer: (_source, _args, asked) => pause().then(() => person(asked)),
          async inbox(_source, _args, asked) {
            const text = `to ${viewerOf(asked)} as ${names.get(viewerOf(asked)) ?? 0}`
            await pause()
            return [{ text }]
          },
          async pass(_source, _args, asked) {
            await pause()
            return { url: `of ${viewerOf(asked)}`, expiresAt: Date.now() + PASS_MS }
          },
          async refused(_source, _args, asked) {
            await pause()
            throw new GraphQLError(`${viewerOf(asked)} may not`, { extensions: { code: 'FORBIDDEN' } })
          },
        },
        Mutation: {
          async rename(_source, _args, asked) {
            await pause()
            names.set(viewerOf(asked), (names.get(viewerOf(asked)) ?? 0) + 1)
            const renamed = person(asked)
            await pause()
            return renamed
          },
        },
      },
    },
    goods: {
      sdl: `${SCOPED}
        type Query { products(first: Int): [Product!]! @cacheControl(maxAge: 60) product(id: ID!): Product }
        type Product @key(fields: "id") @cacheControl(maxAge: 60) { id: ID! title: String! maker: Maker! }
        type Maker @cacheControl(inheritMaxAge: true) { name: String! }`,
      resolvers: {
        Query: {
          products: (_source, { first }) =>
            pause().then(() => PRODUCTS.slice(0, first).map((id) => ({ id }))),
          product: (_source, { id }) => pause().then(() => ({ id })),
        },
        Product: {
          async __resolveReference({ id }: { id: string }) {
            await pause()
            return { id }
          },
          async title({ id }: { id: string }, _args, asked) {
            const title = `${id} in ${countryOf(asked)} as ${prints.get(id) ?? 0}`
            await pause()
            return title
          },
          maker: ({ id }: { id: string }) => ({ name: `maker of ${id}` }),
        },
      },
    },
    opinions: {
      sdl: `${SCOPED}
        type Query { wishes: [Product!]! }
        type Product @key(fields: "id") { id: ID! rating: Int @cacheControl(maxAge: 60) mine: String @viewer }`,
      resolvers: {
        Query: {
          wishes: (_source, _args, asked) =>
            pause().then(() => wishesOf(viewerOf(asked)).map((id) => ({ id }))),
        },
        Product: {
          __resolveReference: ({ id }: { id: string }) => pause().then(() => ({ id })),
          rating: ({ id }: { id: string }) => id.length,
          mine: ({ id }: { id: string }, _args, asked) => `${viewerOf(asked)} on ${id}`,
        },
      },
    },
  })

  let kept: Evictions | undefined
  const door = await createDoor({
    supergraph: subgraphs.supergraph,
    openRoom: (name, url) =>
      createRemoteRoom({
        name,
        url,
        timeoutMs: PATIENCE_MS,
        subscriptions: 'sse',
        headersOf: ({ headers = {} }) => headers,
      }),
    authenticator: createJwksAuthenticator({ keys: null, forwarded: ['authorization', 'x-country'] }),
    roomTimeoutMs: PATIENCE_MS,
    requestTimeoutMs: PATIENCE_MS,
    isProduction: false,
    caching,
    follow(evictions) {
      kept = evictions
      return () => undefined
    },
    logger: createLogger('market', 'silent'),
  })

  return {
    url: `http://127.0.0.1:${await door.listen(0, '127.0.0.1')}/graphql`,
    reprint(product) {
      const print = (prints.get(product) ?? 0) + 1
      prints.set(product, print)
      kept?.evict('Product', product)
      return print
    },
    calls: () => [...subgraphs.asked.values()].reduce((sum, { length }) => sum + length, 0),
    async close() {
      await door.stop()
      subgraphs.close()
    },
  }
}

/** Three products, others for others. */
export function wishesOf(viewer: string): string[] {
  const from = Number(viewer.replace(/\D/g, '')) % PRODUCTS.length
  return [0, 1, 2].map((step) => PRODUCTS[(from + step) % PRODUCTS.length] ?? '')
}
