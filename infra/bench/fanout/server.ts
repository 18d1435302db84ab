import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSchema } from 'graphql'
import { useServer as serveProtocol } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import type { RoomResponse } from '#shared/room.ts'
import { type Channel, createChannel } from '#shared/streams.ts'
import { createLogger } from '#shared/telemetry.ts'
import { createJwksAuthenticator } from '../../../gateway/jwks-authenticator.ts'
import { createDoor } from '../../../gateway/server.ts'
import { eventAt, PLAIN_SDL, supergraph } from './event.ts'

/** What fan-out is measured of, as a process. Prints the ports of the sockets and of the control: whoever posts there publishes. */
const [mode = ''] = process.argv.slice(2)
const followers = new Set<Channel<object>>()

function follow<Item extends object>(): Channel<Item> {
  const channel: Channel<Item> = createChannel<Item>({ onClose: () => followers.delete(channel as never) })
  followers.add(channel as never)
  return channel
}

/** Our door over one room in this process. */
async function startDoor(field: string): Promise<{ port: number; publish(n: number): void }> {
  const door = await createDoor({
    supergraph: supergraph(),
    openRoom: (name) => ({
      name,
      execute: async () => ({ data: null }),
      subscribe: async () => follow<RoomResponse>(),
      isReady: async () => true,
    }),
    authenticator: createJwksAuthenticator({ keys: null, forwarded: ['authorization'] }),
    roomTimeoutMs: 5_000,
    admission: { perAddress: Number.POSITIVE_INFINITY },
    isProduction: true,
    logger: createLogger('bench', 'warn'),
  })
  return {
    port: await door.listen(0, '127.0.0.1'),
    publish(n) {
      const event = { data: { [field]: eventAt(n) } }
      for (const follower of followers) follower.push(event)
    },
  }
}

/** The library as its documentation has it: graphql-js subscribes and executes for each subscriber. */
async function startLibrary(): Promise<{ port: number; publish(n: number): void }> {
  const schema = buildSchema(PLAIN_SDL)
  const field = schema.getSubscriptionType()?.getFields()['ownEvents']
  if (field === undefined) throw new Error('The schema has no such field')
  field.subscribe = () => follow()
  const server = createServer()
  serveProtocol({ schema }, new WebSocketServer({ server, path: '/graphql', perMessageDeflate: false }))
  return {
    port: await listen(server),
    publish(n) {
      const event = { ownEvents: eventAt(n) }
      for (const follower of followers) follower.push(event)
    },
  }
}

/** What no server over this library of sockets can go below: one text to each socket, and no protocol. */
async function startBare(): Promise<{ port: number; publish(n: number): void }> {
  const server = createServer()
  const sockets = new WebSocketServer({ server, perMessageDeflate: false })
  return {
    port: await listen(server),
    publish(n) {
      const text = JSON.stringify({ id: '1', type: 'next', payload: { data: { ownEvents: eventAt(n) } } })
      for (const socket of sockets.clients) socket.send(text)
    },
  }
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 })
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const { port, publish } =
  mode === 'library' ? await startLibrary() : mode === 'bare' ? await startBare() : await startDoor(mode)
let published = 0
const control = createServer((_, response) => {
  publish(++published)
  response.end()
})
process.stdout.write(`${JSON.stringify({ port, control: await listen(control) })}\n`)
