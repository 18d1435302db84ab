import type { Logger } from 'pino'
import type { HttpHandler, Room } from '#shared/room.ts'
import { createAccountAuthenticator } from './account-authenticator.ts'
import type { CachingOptions } from './caching/caching.ts'
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
  isProduction: boolean
  warmUpFile?: string | undefined
  logger: Logger
}

/** The door of this repository's rooms, wherever they are: accounts are the users room's. */
export async function createCadenzaDoor(options: CadenzaDoorOptions): Promise<Door> {
  const { rooms: given, defaultCountry, ...others } = options
  const rooms = new Map(given.map((room) => [room.name, room]))
  const users = rooms.get('users')
  if (users === undefined) throw new Error('The door needs the users room: it signs the tokens')
  return createDoor({
    ...others,
    authenticator: createAccountAuthenticator(users, defaultCountry, options.logger),
    readiness: async () => ({ users: await users.isReady() }),
    openRoom: (name) => rooms.get(name),
  })
}
