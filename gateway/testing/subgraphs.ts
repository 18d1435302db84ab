import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { composeServices } from '@apollo/composition'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { type GraphQLFieldResolver, graphql, parse } from 'graphql'
import { useServer as serveProtocol } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'

/** A subgraph as somebody else would write it: an SDL and resolvers, over HTTP, and nothing that knows of our door. */
export interface ForeignSubgraph {
  sdl: string
  // biome-ignore lint/suspicious/noExplicitAny: resolver maps are typed where they are written, each with its own parents
  resolvers?: Record<string, Record<string, Resolver<any> | { subscribe: Resolver<any> }>>
}

type Resolver<Parent> = GraphQLFieldResolver<Parent, Asked>

/** What a resolver learns of the request; of a subscription, what was said when its connection was made. */
export interface Asked {
  headers: IncomingMessage['headers']
}

export interface ForeignSubgraphs {
  supergraph: string
  /** Requests so far, by subgraph, as their bodies were. */
  asked: Map<string, { query: string; variables?: Record<string, unknown> }[]>
  close(): void
}

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external",
  "@requires", "@provides", "@override", "@inaccessible", "@tag", "@interfaceObject", "@authenticated", "@requiresScopes", "@policy", "@cost", "@listSize", "@composeDirective"])`

/** Serves subgraphs on ports of their own, subscriptions over WebSockets, and composes them. */
export async function startSubgraphs(
  subgraphs: Readonly<Record<string, ForeignSubgraph>>,
): Promise<ForeignSubgraphs> {
  const servers: Server[] = []
  const asked: ForeignSubgraphs['asked'] = new Map()
  const services = []
  for (const [name, { sdl, resolvers = {} }] of Object.entries(subgraphs)) {
    const typeDefs = parse(`${LINK}\n${sdl}`)
    const schema = buildSubgraphSchema([{ typeDefs, resolvers: { ...resolvers } }])
    const bodies: { query: string; variables?: Record<string, unknown> }[] = []
    asked.set(name, bodies)
    const server = createServer(async (request, response) => {
      if (request.method !== 'POST') return void response.writeHead(404).end() // the door asks /health/ready of a room it leaves alone
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const { query, variables, operationName } = JSON.parse(Buffer.concat(chunks).toString())
      bodies.push({ query, variables })
      const contextValue: Asked = { headers: request.headers }
      const result = await graphql({
        schema,
        source: query,
        variableValues: variables,
        operationName,
        contextValue,
      })
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result))
    })
    serveProtocol(
      {
        schema,
        context: ({ connectionParams = {} }): Asked => ({ headers: connectionParams as Asked['headers'] }),
      },
      new WebSocketServer({ server }),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    servers.push(server)
    services.push({
      name,
      typeDefs,
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    })
  }
  const { supergraphSdl, errors } = composeServices(services)
  if (supergraphSdl === undefined) throw new Error((errors ?? []).map(({ message }) => message).join('\n'))
  return {
    supergraph: supergraphSdl,
    asked,
    close() {
      for (const server of servers) {
        server.close()
        server.closeAllConnections()
      }
    },
  }
}
