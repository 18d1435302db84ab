import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import type { HttpHandler, Room } from '#shared/room.ts'
import { ADMISSION, type AdmissionOptions, createAdmission } from './admission.ts'
import { type ArrivalsOptions, createArrivals, NO_PROXIES } from './arrival.ts'
import type { Authenticator } from './authenticator.ts'
import { type CachingOptions, createCaching, DEFAULT_CACHING, type Evictions } from './caching/caching.ts'
import { createEngine, type EngineAnswer } from './engine.ts'
import { createEventStreams } from './event-streams.ts'
import { createGraphs } from './graphs.ts'
import { createHttpListener } from './http.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { createPersistedQueries, type PersistedQueriesOptions } from './persisted-queries.ts'
import { createRateLimiter, type Rate } from './rate-limit/limiter.ts'
import { createRateLimit, NO_RATE_LIMIT } from './rate-limit/rate-limit.ts'
import { createRoomCalls } from './room-calls.ts'
import { guardRooms, REQUEST_TIMEOUT_MS, type RoomLimits } from './rooms/guard.ts'
import { attachSocket } from './socket.ts'
import { createSubscriptions } from './subscribe/subscriptions.ts'
import { createWarmUpList, warmUp } from './warm-up.ts'

export interface DoorOptions extends RoomLimits {
  supergraph: string
  /** A room by its name and the address that the supergraph has for it; undefined when it is not there. */
  openRoom(name: string, url: string): Room | undefined
  authenticator: Authenticator
  /** NO_PROXIES where it is left out. */
  arrivals?: ArrivalsOptions | undefined
  handlers?: readonly HttpHandler[]
  /** How long a request may take to arrive: 15 s where it is left out, 10 s of them for its headers. */
  slowestRequestMs?: number | undefined
  /** How long a client that is being answered may take nothing: 60 s where it is left out. */
  slowestReaderMs?: number | undefined
  /** How many connections may stay open at once. */
  admission?: Partial<AdmissionOptions> | undefined
  /** DEFAULT_LIMITS where they are left out. */
  limits?: Partial<Limits> | undefined
  /** What each caller may use; nothing is counted where it is left out. */
  rate?: Rate | undefined
  isProduction: boolean
  documents?: PersistedQueriesOptions | undefined
  /** As DEFAULT_CACHING where it is left out. */
  caching?: CachingOptions | undefined
  /** Follows what changes, where anything is kept, while the door is open; returns the way to stop. */
  follow?(kept: Evictions): () => void
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
const SLOWEST_HEADERS_MS = 10_000
const SLOWEST_REQUEST_MS = 15_000
const CHECKED_EVERY_MS = 1_000

/** What it keeps waiting for is kept in memory: a connection on which nothing moves for so long is closed. */
const SLOWEST_READER_MS = 60_000

/** Builds the door from its parts; nothing is opened before `listen`. */
export async function createDoor(options: DoorOptions): Promise<Door> {
  const { logger, isProduction, authenticator } = options
  const arrivals = createArrivals(options.arrivals ?? NO_PROXIES)
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const caching = createCaching<EngineAnswer>(options.caching ?? DEFAULT_CACHING)
  const graphs = await createGraphs(options.supergraph, {
    openRoom: guardRooms(options.openRoom, options, logger),
    createCall: (rooms, graph) => caching.wrap(createRoomCalls(rooms), graph),
    limits,
    isProduction,
    logger,
  })
  const persisted = createPersistedQueries(options.documents)
  const engine = createEngine({
    graphs,
    persisted,
    caching,
    limits,
    rateLimit: options.rate ? createRateLimit(createRateLimiter(options.rate)) : NO_RATE_LIMIT,
    timeoutMs: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    logger,
  })
  const readiness = async (): Promise<Record<string, boolean>> => ({
    supergraph: true,
    keys: authenticator.isReady(),
    ...(await options.readiness?.()),
  })
  const handlers = options.handlers ?? []
  const subscriptions = createSubscriptions({ graphs, engine, logger })
  const admission = createAdmission({ ...ADMISSION, ...options.admission })
  const eventStreams = createEventStreams({ engine, subscriptions, authenticator, arrivals, admission })
  const slowestMs = options.slowestRequestMs ?? SLOWEST_REQUEST_MS
  const server: Server = createServer(
    {
      headersTimeout: Math.min(SLOWEST_HEADERS_MS, slowestMs),
      requestTimeout: slowestMs,
      connectionsCheckingInterval: Math.min(CHECKED_EVERY_MS, slowestMs),
    },
    createHttpListener({
      engine,
      eventStreams,
      authenticator,
      arrivals,
      handlers,
      readiness,
      limits,
      isProduction,
    }),
  )
  server.timeout = options.slowestReaderMs ?? SLOWEST_READER_MS
  const socket = attachSocket({ server, subscriptions, engine, authenticator, arrivals, admission, logger })

  const warmUpList = options.warmUpFile
    ? createWarmUpList(options.warmUpFile, () => graphs.current.operations.known(), logger)
    : null

  let unfollow: (() => void) | undefined

  return {
    async listen(port, host) {
      await authenticator.start()
      await warmUp(graphs.current.operations, (await warmUpList?.read()) ?? [])
      warmUpList?.start()
      if (caching.isKeeping) unfollow = options.follow?.(caching)
      server.listen(port, host)
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    },
    async reload(supergraph) {
      await graphs.replace(supergraph)
      await subscriptions.catchUp()
    },
    async stop() {
      authenticator.stop()
      unfollow?.()
      await warmUpList?.stop()
      const drained = new Promise((resolve) => server.close(resolve))
      const impatience = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
      eventStreams.close()
      await socket.close()
      server.closeIdleConnections()
      // What was accepted is answered before the rooms go: an edit whose answer is lost is made twice by who repeats it.
      await drained
      clearTimeout(impatience)
      await graphs.close()
    },
  }
}
