import type { Logger } from 'pino'
import type { HttpHandler, Room } from '#shared/room.ts'
import { createAccountAuthenticator } from './account-authenticator.ts'
import type { AdmissionOptions } from './admission.ts'
import type { ArrivalsOptions } from './arrival.ts'
import type { CachingOptions } from './caching/caching.ts'
import { CATALOG_CHANGES, followChanges, USERS_CHANGES } from './changed-entities.ts'
import type { Limits } from './limits.ts'
import type { Rate } from './rate-limit/limiter.ts'
import type { RoomLimits } from './rooms/guard.ts'
import { createDoor, type Door } from './server.ts'

export interface CadenzaDoorOptions extends RoomLimits {
  supergraph: string
  /** By the names the supergraph gives them; `users` among them signs the tokens. */
  rooms: readonly Room[]
  handlers?: readonly HttpHandler[]
  /** For visitors without an account: their catalogue is this country's. */
  defaultCountry: string
  caching?: CachingOptions | undefined
  arrivals?: ArrivalsOptions | undefined
  admission?: Partial<AdmissionOptions> | undefined
  limits?: Partial<Limits> | undefined
  slowestRequestMs?: number | undefined
  /** Nothing is counted where it is left out. */
  rate?: Rate | undefined
  isProduction: boolean
  warmUpFile?: string | undefined
  logger: Logger
}

/** A refresh token cannot be guessed, and everybody behind an address has one. */
const CREDENTIALS = new Map([
  ['signIn', 5],
  ['signUp', 5],
  ['privacyErase', 5],
  ['sessionRefresh', 1],
])

/** The door of this repository's rooms, wherever they are: accounts are the users room's. */
export async function createCadenzaDoor(options: CadenzaDoorOptions): Promise<Door> {
  const { rooms: given, defaultCountry, ...others } = options
  const rooms = new Map(given.map((room) => [room.name, room]))
  const [users, catalog] = [rooms.get('users'), rooms.get('catalog')]
  if (users === undefined) throw new Error('The door needs the users room: it signs the tokens')
  return createDoor({
    ...others,
    limits: { ...options.limits, credentials: CREDENTIALS },
    authenticator: createAccountAuthenticator(users, defaultCountry, options.logger),
    readiness: async () => ({ users: await users.isReady() }),
    openRoom: (name) => rooms.get(name),
    follow(kept) {
      const leaveUsers = followChanges(users, USERS_CHANGES, kept, options.logger)
      const leaveCatalog = catalog && followChanges(catalog, CATALOG_CHANGES, kept, options.logger)
      return () => {
        leaveUsers()
        leaveCatalog?.()
      }
    },
  })
}
