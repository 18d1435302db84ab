import type { JSONWebKeySet } from 'jose'
import type { Logger } from 'pino'
import type { AdmissionOptions } from './admission.ts'
import type { ArrivalsOptions } from './arrival.ts'
import type { CachingOptions } from './caching/caching.ts'
import { createJwksAuthenticator } from './jwks-authenticator.ts'
import type { Limits } from './limits.ts'
import type { PersistedQueriesOptions } from './persisted-queries.ts'
import type { Rate } from './rate-limit/limiter.ts'
import type { RoomLimits } from './rooms/guard.ts'
import { createRemoteRoom, type RemoteRoomOptions } from './rooms/remote-room.ts'
import { createDoor, type Door } from './server.ts'

export interface ForeignDoorOptions extends RoomLimits {
  supergraph: string
  keys: JSONWebKeySet | URL | null
  issuer?: string | undefined
  audience?: string | undefined
  /** Request headers that rooms get to see, by lower-case name. */
  forwarded: readonly string[]
  /** How subgraphs send subscriptions; over a WebSocket where it is left out. */
  subscriptions?: RemoteRoomOptions['subscriptions']
  arrivals?: ArrivalsOptions | undefined
  admission?: Partial<AdmissionOptions> | undefined
  limits?: Partial<Limits> | undefined
  rate?: Rate | undefined
  isProduction: boolean
  documents?: PersistedQueriesOptions | undefined
  warmUpFile?: string | undefined
  caching?: CachingOptions | undefined
  logger: Logger
}

/** Of a schema that says nothing of its lists, only the worst is refused; and nobody knows how it plans, or on which machine. */
const FOREIGN_LIMITS = { cost: 100_000, answerFields: 1_000_000, planningMs: 1_000 }

/** The door of any supergraph: its rooms are where it says they are, reached over HTTP. */
export function createForeignDoor(options: ForeignDoorOptions): Promise<Door> {
  const { roomTimeoutMs: timeoutMs, subscriptions = 'ws' } = options
  return createDoor({
    ...options,
    limits: { ...FOREIGN_LIMITS, ...options.limits },
    authenticator: createJwksAuthenticator(options),
    openRoom(name, url) {
      if (!/^https?:/.test(url) || !URL.canParse(url)) {
        options.logger.warn({ subgraph: name, url }, 'a subgraph has no address that can be called')
        return undefined
      }
      return createRemoteRoom({
        name,
        url,
        timeoutMs,
        subscriptions,
        headersOf: ({ headers = {} }) => headers,
      })
    },
  })
}
