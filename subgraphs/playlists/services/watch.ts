import type { Logger } from '#shared/telemetry.ts'
import type { HintTopic } from '#shared/topics/hint-topic.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { MemberRole, PlaylistRow } from '../models.ts'

/** What decides, at one instant, how far a list has come and who may see it. */
export interface Head {
  playlist: PlaylistRow
  isDeleted: boolean
  members: Readonly<Record<string, MemberRole>>
}

export interface Watched {
  /** As it was at some instant after the watching began; null until then. Another object whenever anything changed. */
  head(): Head | null
  leave(): void
}

export interface Watch {
  /** Calls `onNews` whenever `head()` has become another. */
  follow(playlistId: string, onNews: () => void): Watched
  size(): number
  close(): void
}

interface Watcher {
  onNews(): void
  /** The first reading that began after this watcher came. */
  firstReading: number
}

interface Entry {
  head: Head | null
  /** The reading that `head` is from. */
  reading: number
  watchers: Set<Watcher>
  unlisten(): void
}

export interface WatchOptions {
  db: PrismaClient
  topic: HintTopic
  logger: Logger
  pollMs?: number
}

/**
 * Keeps the heads of all lists watched in this process, however many watch each: one read for all that were hinted at, and
 * one a second for all, since a hint may be lost.
 */
export function createWatch({ db, topic, logger, pollMs = 1_000 }: WatchOptions): Watch {
  const entries = new Map<string, Entry>()
  const due = new Set<string>()
  let readings = 0
  let isReading = false
  let timer: NodeJS.Timeout | null = null

  const look = (playlistIds: Iterable<string>): void => {
    for (const id of playlistIds) due.add(id)
    if (!isReading) void readDue()
  }

  async function readDue(): Promise<void> {
    isReading = true
    while (due.size > 0) {
      const ids = [...due]
      due.clear()
      const reading = ++readings
      const heads = await readHeads(db, ids).catch((error: unknown) => {
        logger.warn({ err: error }, 'heads of playlists not read, the next poll tries again')
        return []
      })
      for (const head of heads) take(head, reading)
    }
    isReading = false
  }

  function take(head: Head, reading: number): void {
    const entry = entries.get(head.playlist.id)
    if (entry === undefined) return
    const isNews = JSON.stringify(head) !== JSON.stringify(entry.head)
    const before = entry.reading
    entry.reading = reading
    if (isNews) entry.head = head
    for (const watcher of entry.watchers) if (isNews || before < watcher.firstReading) watcher.onNews()
  }

  function open(playlistId: string): Entry {
    const unlisten = topic.listen(playlistId, () => look([playlistId]))
    const entry = { head: null, reading: 0, watchers: new Set<Watcher>(), unlisten }
    entries.set(playlistId, entry)
    timer ??= setInterval(() => look(entries.keys()), pollMs).unref()
    return entry
  }

  function close(playlistId: string, entry: Entry): void {
    entry.unlisten()
    entries.delete(playlistId)
    if (entries.size > 0 || timer === null) return
    clearInterval(timer)
    timer = null
  }

  return {
    follow(playlistId, onNews) {
      const entry = entries.get(playlistId) ?? open(playlistId)
      const watcher = { onNews, firstReading: readings + 1 }
      entry.watchers.add(watcher)
      look([playlistId])
      return {
        head: () => (entry.reading >= watcher.firstReading ? entry.head : null),
        leave() {
          if (entry.watchers.delete(watcher) && entry.watchers.size === 0) close(playlistId, entry)
        },
      }
    },
    size: () => [...entries.values()].reduce((sum, entry) => sum + entry.watchers.size, 0),
    close() {
      for (const [playlistId, entry] of [...entries]) close(playlistId, entry)
    },
  }
}

async function readHeads(db: PrismaClient, ids: readonly string[]): Promise<Head[]> {
  const rows = await db.$queryRaw<(PlaylistRow & Omit<Head, 'playlist'>)[]>`
    SELECT id, owner_id AS "ownerId", name, description, visibility, collaborative, revision,
           item_count AS "itemCount", follower_count AS "followerCount", rank_epoch AS "rankEpoch",
           deleted_at IS NOT NULL AS "isDeleted",
           (SELECT coalesce(jsonb_object_agg(user_id, role), '{}')
              FROM collaborator WHERE playlist_id = playlist.id) AS members
      FROM playlist WHERE id = ANY (${ids}::text[])`
  return rows.map(({ isDeleted, members, ...playlist }) => ({ playlist, isDeleted, members }))
}
