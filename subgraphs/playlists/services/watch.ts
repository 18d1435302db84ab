import type { Logger } from '#shared/telemetry.ts'
import type { HintTopic } from '#shared/topics/hint-topic.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { Edit } from '../models.ts'
import { type Head, lookAt, type Sight } from './head.ts'
import { extended } from './tail.ts'

export interface Watched {
  /** As it was at some instant after the watching began; null until then. Another object whenever anything changed. */
  head(): Head | null
  /** The edits after a revision up to the head's, when they are among the last few; null when they have to be read. */
  editsAfter(revision: number): readonly Edit[] | null
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
  /** The last edits, without a gap up to the head. */
  tail: readonly Edit[]
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

/** A little less than the second that a lost hint may cost, for the reading takes its time as well. */
const POLL_MS = 800

/**
 * Keeps the heads and last edits of all lists watched in this process, however many watch each: one read for all that were
 * hinted at, and one now and then for all, since a hint may be lost.
 */
export function createWatch({ db, topic, logger, pollMs = POLL_MS }: WatchOptions): Watch {
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
      const asked = [...due].map((id) => ({ id, revision: entries.get(id)?.head?.playlist.revision ?? null }))
      due.clear()
      const reading = ++readings
      const sights = await lookAt(db, asked).catch((error: unknown) => {
        logger.warn({ err: error }, 'heads of playlists not read, the next poll tries again')
        return []
      })
      for (const sight of sights) take(sight, reading)
    }
    isReading = false
  }

  function take({ head, edits }: Sight, reading: number): void {
    const entry = entries.get(head.playlist.id)
    if (entry === undefined) return
    const isNews = JSON.stringify(head) !== JSON.stringify(entry.head)
    const before = entry.reading
    entry.reading = reading
    if (isNews) {
      entry.tail = extended(entry.tail, edits, head.playlist.revision)
      entry.head = head
    }
    for (const watcher of entry.watchers) if (isNews || before < watcher.firstReading) watcher.onNews()
  }

  function open(playlistId: string): Entry {
    const unlisten = topic.listen(playlistId, () => look([playlistId]))
    const entry: Entry = { head: null, tail: [], reading: 0, watchers: new Set(), unlisten }
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
        editsAfter(revision) {
          const start = entry.tail.findIndex((edit) => edit.revision === revision + 1)
          return start < 0 ? null : entry.tail.slice(start)
        },
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
