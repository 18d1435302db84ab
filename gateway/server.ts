import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import type { HttpHandler, Room } from '#shared/room.ts'
import { createAuthenticator } from './authenticator.ts'
import { createEngine } from './engine.ts'
import { createHttpListener } from './http.ts'
import { createOperations } from './operations.ts'
import { createRoomCalls } from './room-calls.ts'
import { attachSocket } from './socket.ts'
import { createSubscriptions } from './subscriptions.ts'
import { loadSupergraph } from './supergraph.ts'

export interface DoorOptions {
  supergraph: string
  /** The rooms by the names the supergraph gives them; `users` among them signs the tokens. */
  rooms: readonly Room[]
  handlers?: readonly HttpHandler[]
  /** For visitors without an account: their catalogue is this country's. */
  defaultCountry: string
  roomTimeoutMs: number
  isProduction: boolean
  logger: Logger
}

export interface Door {
  /** Takes requests from now on; returns the port. */
  listen(port: number, host: string): Promise<number>
  stop(): Promise<void>
}

const DRAIN_MS = 5_000

/** Builds the door from its parts; nothing is opened before `listen`. */
export async function createDoor(options: DoorOptions): Promise<Door> {
  const { logger, isProduction } = options
  const rooms = new Map(options.rooms.map((room) => [room.name, room]))
  const users = rooms.get('users')
  if (users === undefined) throw new Error('The door needs the users room: it signs the tokens')
  const calls = createRoomCalls(rooms, options.roomTimeoutMs)
  const supergraph = await loadSupergraph(options.supergraph, calls, logger)
  const authenticator = createAuthenticator(users, options.defaultCountry, logger)
  const operations = createOperations(supergraph, isProduction)
  const engine = createEngine(supergraph, operations, logger)
  const readiness = async (): Promise<Record<string, boolean>> => ({
    supergraph: true,
    keys: authenticator.isReady(),
    users: await users.isReady(),
  })
  const handlers = options.handlers ?? []
  const server: Server = createServer(
    createHttpListener({ engine, authenticator, handlers, readiness, logger }),
  )
  server.headersTimeout = 10_000
  server.requestTimeout = 30_000
  const subscriptions = createSubscriptions(rooms, logger)
  const socket = attachSocket({ server, supergraph, subscriptions, engine, authenticator, logger })

  return {
    async listen(port, host) {
      await authenticator.start()
      server.listen(port, host)
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    },
    async stop() {
      authenticator.stop()
      const drained = new Promise((resolve) => server.close(resolve))
      const impatience = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
      await socket.close()
      server.closeIdleConnections()
      // What was accepted is answered before the rooms go: an edit whose answer is lost is made twice by who repeats it.
      await drained
      clearTimeout(impatience)
    },
  }
}
