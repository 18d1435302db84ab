import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import type { HttpHandler, Room } from '#shared/room.ts'
import type { Authenticator } from './authenticator.ts'
import { createEngine } from './engine.ts'
import { createGraphs } from './graphs.ts'
import { createHttpListener } from './http.ts'
import { createPersistedQueries, type PersistedQueriesOptions } from './persisted-queries.ts'
import { createRoomCalls } from './room-calls.ts'
import { attachSocket } from './socket.ts'
import { createSubscriptions } from './subscriptions.ts'
import { createWarmUpList, warmUp } from './warm-up.ts'

export interface DoorOptions {
  supergraph: string
  /** A room by its name and the address that the supergraph has for it; undefined when it is not there. */
  openRoom(name: string, url: string): Room | undefined
  authenticator: Authenticator
  handlers?: readonly HttpHandler[]
  roomTimeoutMs: number
  isProduction: boolean
  documents?: PersistedQueriesOptions | undefined
  /** A file that remembers over a restart what clients ask for, so that it is planned before the first of them. */
  warmUpFile?: string | undefined
  /** What else the door cannot do its work without, and whether it is there. */
  readiness?(): Promise<Record<string, boolean>>
  logger: Logger
}

export interface Door {
  /** Takes requests from now on; returns the port. */
  listen(port: number, host: string): Promise<number>
  /** Serves another supergraph; rejects, and goes on as before, when it cannot be loaded. */
  reload(supergraph: string): Promise<void>
  stop(): Promise<void>
}

const DRAIN_MS = 5_000

/** Builds the door from its parts; nothing is opened before `listen`. */
export async function createDoor(options: DoorOptions): Promise<Door> {
  const { logger, isProduction, authenticator } = options
  const graphs = await createGraphs(options.supergraph, {
    openRoom: options.openRoom,
    createCall: (rooms) => createRoomCalls(rooms, options.roomTimeoutMs),
    isProduction,
    logger,
  })
  const engine = createEngine(graphs, createPersistedQueries(options.documents), logger)
  const readiness = async (): Promise<Record<string, boolean>> => ({
    supergraph: true,
    keys: authenticator.isReady(),
    ...(await options.readiness?.()),
  })
  const handlers = options.handlers ?? []
  const server: Server = createServer(
    createHttpListener({ engine, authenticator, handlers, readiness, logger }),
  )
  server.headersTimeout = 10_000
  server.requestTimeout = 30_000
  const subscriptions = createSubscriptions(graphs, logger)
  const socket = attachSocket({ server, subscriptions, engine, authenticator, logger })

  const warmUpList = options.warmUpFile
    ? createWarmUpList(options.warmUpFile, () => graphs.current.operations.known(), logger)
    : null

  return {
    async listen(port, host) {
      await authenticator.start()
      await warmUp(graphs.current.operations, (await warmUpList?.read()) ?? [])
      warmUpList?.start()
      server.listen(port, host)
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    },
    reload: (supergraph) => graphs.replace(supergraph),
    async stop() {
      authenticator.stop()
      await warmUpList?.stop()
      const drained = new Promise((resolve) => server.close(resolve))
      const impatience = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
      await socket.close()
      server.closeIdleConnections()
      // What was accepted is answered before the rooms go: an edit whose answer is lost is made twice by who repeats it.
      await drained
      clearTimeout(impatience)
      await graphs.close()
    },
  }
}
