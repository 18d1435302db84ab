import type { JSONWebKeySet } from 'jose'
import type { Logger } from 'pino'
import { createJwksAuthenticator } from './jwks-authenticator.ts'
import type { PersistedQueriesOptions } from './persisted-queries.ts'
import { createRemoteRoom } from './remote-room.ts'
import { createDoor, type Door } from './server.ts'

export interface ForeignDoorOptions {
  supergraph: string
  keys: JSONWebKeySet | URL | null
  issuer?: string | undefined
  audience?: string | undefined
  /** Request headers that rooms get to see, by lower-case name. */
  forwarded: readonly string[]
  roomTimeoutMs: number
  isProduction: boolean
  documents?: PersistedQueriesOptions | undefined
  warmUpFile?: string | undefined
  logger: Logger
}

/** The door of any supergraph: its rooms are where it says they are, reached over HTTP. */
export function createForeignDoor(options: ForeignDoorOptions): Promise<Door> {
  const { supergraph, roomTimeoutMs, isProduction, documents, warmUpFile, logger } = options
  return createDoor({
    supergraph,
    roomTimeoutMs,
    isProduction,
    documents,
    warmUpFile,
    logger,
    authenticator: createJwksAuthenticator(options),
    openRoom: (name, url) =>
      createRemoteRoom({ name, url, timeoutMs: roomTimeoutMs, headersOf: ({ headers = {} }) => headers }),
  })
}
