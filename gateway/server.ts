import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import type { HttpHandler, Room } from '#shared/room.ts'
import { createApollo } from './apollo.ts'
import { createAuthenticator } from './authenticator.ts'
import { createDataSource } from './data-source.ts'
import { createHttpListener } from './http.ts'
import { attachSocket } from './socket.ts'
import { createSubscriptions } from './subscriptions.ts'
import { type DataSources, loadSupergraph } from './supergraph.ts'

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

/** Builds the door from its parts; nothing is opened before `listen`. */
export function createDoor(options: DoorOptions): Door {
  const { logger, isProduction } = options
  const rooms = new Map(options.rooms.map((room) => [room.name, room]))
  const sources: DataSources = Object.fromEntries(
    options.rooms.map((room) => [room.name, createDataSource(room, options.roomTimeoutMs)]),
  )
  const users = rooms.get('users')
  if (users === undefined) throw new Error('The door needs the users room: it signs the tokens')
  const supergraph = loadSupergraph(options.supergraph, sources, logger)
  const authenticator = createAuthenticator(users, options.defaultCountry, logger)
  const apollo = createApollo(supergraph, logger, isProduction)
  const readiness = async (): Promise<Record<string, boolean>> => ({
    supergraph: true,
    keys: authenticator.isReady(),
    users: await users.isReady(),
  })
  const handlers = options.handlers ?? []
  const server: Server = createServer(
    createHttpListener({ apollo, authenticator, handlers, readiness, logger }),
  )
  server.headersTimeout = 10_000
  server.requestTimeout = 30_000
  const subscriptions = createSubscriptions(supergraph, rooms, sources, logger)
  const socket = attachSocket({ server, supergraph, subscriptions, apollo, authenticator, logger })

  return {
    async listen(port, host) {
      await Promise.all([apollo.start(), authenticator.start()])
      server.listen(port, host)
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    },
    async stop() {
      authenticator.stop()
      server.close()
      await socket.close()
      server.closeIdleConnections()
      setTimeout(() => server.closeAllConnections(), 5_000).unref()
      await apollo.stop()
    },
  }
}
