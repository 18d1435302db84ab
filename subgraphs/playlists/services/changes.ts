import { AppError } from '#shared/errors.ts'
import type { Identity } from '#shared/identity.ts'
import type { Logger } from '#shared/telemetry.ts'
import type { Change, SeenPlaylist } from '../models.ts'
import { createChangeStream } from './change-stream.ts'
import type { History } from './history.ts'
import type { Watch } from './watch.ts'

export interface ChangeService {
  /**
   * The changes of a list, null if this person may not see it: then NOT_FOUND, or UNAUTHENTICATED to the anonymous, who
   * might see it once signed in. Missing and private are the same to both.
   */
  open(
    identity: Identity,
    playlist: SeenPlaylist | null,
    sinceRevision: number | null,
  ): AsyncIterableIterator<Change>
}

export function createChangeService(tools: {
  history: History
  watch: Watch
  logger: Logger
}): ChangeService {
  return {
    open({ userId }, playlist, sinceRevision) {
      if (sinceRevision !== null && sinceRevision < 0)
        throw new AppError('BAD_USER_INPUT', 'sinceRevision is 0 or more')
      const seen = requireWatchable(userId, playlist)
      return createChangeStream({ ...tools, playlist: seen, viewerId: userId, sinceRevision })
    },
  }
}

/** A list as somebody sees it who wants to subscribe to something of it. */
export function requireWatchable(userId: string | null, playlist: SeenPlaylist | null): SeenPlaylist {
  if (playlist !== null) return playlist
  if (userId === null)
    throw new AppError('UNAUTHENTICATED', 'Without signing in one can follow public playlists alone')
  throw new AppError('NOT_FOUND', 'There is no such playlist')
}
