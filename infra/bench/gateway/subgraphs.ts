import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { type GraphQLSchema, graphql } from 'graphql'
import { SUBGRAPHS } from './shop.ts'

/**
 * The subgraphs of the gateway bench, as a process. Each answer is computed once and then given by the exact text of its request,
 * so that what is measured is the gateway. Prints the addresses as one line of JSON; `PUT /delay` sets the milliseconds that
 * each answer takes from then on, `DELETE /count` begins to count anew and `GET /count` says how many requests there were.
 */
let delayMs = 0
let count = 0

const addresses: Record<string, string> = {}
for (const [name, { typeDefs, resolvers }] of Object.entries(SUBGRAPHS)) {
  const server = serve(buildSubgraphSchema([{ typeDefs, resolvers }]))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  addresses[name] = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
}
process.stdout.write(`${JSON.stringify(addresses)}\n`)

function serve(schema: GraphQLSchema): Server {
  const answers = new Map<string, Buffer>()
  const answer = async (text: string): Promise<Buffer> => {
    const { query, variables, operationName } = JSON.parse(text)
    const result = await graphql({ schema, source: query, variableValues: variables, operationName })
    const bytes = Buffer.from(JSON.stringify(result))
    answers.set(text, bytes)
    return bytes
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      if (request.method !== 'POST') {
        if (request.method === 'PUT') delayMs = Number(text)
        if (request.method === 'DELETE') count = 0
        response.end(String(count))
        return
      }
      count++
      const send = (bytes: Buffer): void => {
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length })
          .end(bytes)
      }
      const known = answers.get(text)
      if (known === undefined) void answer(text).then(send)
      else if (delayMs === 0) send(known)
      else setTimeout(send, delayMs, known)
    })
  })
  server.keepAliveTimeout = 600_000
  return server
}
