import { createBell } from '#shared/bell.ts'
import { createPulledStream } from '#shared/pulled-stream.ts'
import type { Logger } from '#shared/telemetry.ts'
import type { Change, Edit, SeenPlaylist } from '../models.ts'
import { isMember } from './access.ts'
import {
  detailsOf,
  editMessage,
  type Message,
  plainMessage,
  snapshotMessages,
  toldAt,
} from './change-message.ts'
import { canSeeAt, type Head, memberRoleIn } from './head.ts'
import type { History } from './history.ts'
import type { Watch } from './watch.ts'

export interface ChangeStreamOptions {
  history: History
  watch: Watch
  logger: Logger
  /** The list, which the viewer may see, as it was when the stream was asked for. */
  playlist: SeenPlaylist
  viewerId: string | null
  /** The revision the viewer has; null for none. */
  sinceRevision: number | null
}

const EDITS_AT_ONCE = 100
const RETRY_MS = 1_000

/**
 * The changes of one list for one viewer, read from the log as the consumer asks for them: in order, none left out, none
 * twice, and never more in memory than one stretch of the log. Nothing of a revision is sent before the list's head is
 * known to be as far, so that the right to see it is the right as it is then. A read that fails is tried again.
 */
export function createChangeStream(options: ChangeStreamOptions): AsyncIterableIterator<Change> {
  const { history, watch, logger, playlist, viewerId } = options
  const ready: Message[] = []
  /** The revision up to which `ready` reaches; null while a snapshot is due. */
  let mark = options.sinceRevision
  let delivered = mark ?? playlist.revision
  let isOver = false
  const bell = createBell()

  if (mark !== null && mark > playlist.revision) {
    ready.push(plainMessage('RESYNC', playlist.revision, detailsOf(playlist)))
    mark = null
  }
  const watched = watch.follow(playlist.id, bell.ring)

  /** The next message, once there is one; null when the stream is over. */
  async function advance(): Promise<Change | null> {
    while (!isOver) {
      const head = watched.head()
      if (head !== null && !canSeeAt(head, viewerId)) return plainMessage('ACCESS_LOST', delivered, null)
      const next = ready[0]
      if (head === null || (next !== undefined && next.revision > head.playlist.revision)) {
        if (watched.head() === head) await bell.rest(null)
      } else if (next !== undefined) {
        ready.shift()
        delivered = next.revision
        return toldAt(head, next)
      } else if (mark !== null && mark >= head.playlist.revision) await bell.rest(null)
      else await fill(head)
    }
    return null
  }

  /** Reads on from `mark`, or the whole list. */
  async function fill(head: Head): Promise<void> {
    try {
      if (mark === null) await fillFromSnapshot(head)
      else await fillFromLog(mark, head)
    } catch (error) {
      logger.warn({ err: error, playlistId: playlist.id }, 'changes not read, trying again')
      await bell.rest(RETRY_MS)
    }
  }

  async function fillFromLog(after: number, head: Head): Promise<void> {
    const edits = watched.editsAfter(after) ?? (await history.editsAfter(playlist.id, after, EDITS_AT_ONCE))
    const [first] = edits
    if (first === undefined) return // a read shared with somebody who asked a moment too early
    const shown = isMemberAt(head) ? edits : edits.slice(0, startOfHidden(edits))
    const isReachable = first.revision === after + 1 && shown.length > 0
    ready.push(
      ...(isReachable
        ? shown.map(editMessage)
        : [plainMessage('RESYNC', head.playlist.revision, detailsOf(head.playlist))]),
    )
    mark = isReachable ? (shown.at(-1)?.revision ?? after) : null
  }

  async function fillFromSnapshot(head: Head): Promise<void> {
    const snapshot = head.isDeleted ? null : await history.snapshot(playlist.id)
    if (snapshot !== null) {
      ready.push(...snapshotMessages(snapshot))
      mark = snapshot.revision
    } else if (head.isDeleted) ready.push(plainMessage('DELETED', head.playlist.revision, null))
    else await bell.rest(RETRY_MS) // deleted this moment: the head will say so
  }

  const isMemberAt = (head: Head): boolean => isMember(head.playlist, viewerId, memberRoleIn(head, viewerId))

  return createPulledStream<Change>(
    async () => {
      const item = await advance()
      return item && { item, isLast: item.kind === 'DELETED' || item.kind === 'ACCESS_LOST' }
    },
    () => {
      isOver = true
      watched.leave()
      bell.ring()
    },
  )
}

/** What was done while a list was private is for members alone, however public it is now. */
function startOfHidden(edits: readonly Edit[]): number {
  const start = edits.findIndex(({ details }) => details.visibility === 'PRIVATE')
  return start < 0 ? edits.length : start
}
