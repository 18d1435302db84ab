import {
  type Connection,
  type Edge,
  encodeCursor,
  type Page,
  readPage,
  toConnection,
} from '#shared/connection.ts'
import type { SqlExecutor } from '#shared/database.ts'
import { AppError } from '#shared/errors.ts'
import type { Identity } from '#shared/identity.ts'
import { isPlaybackId } from './playback-sessions.ts'

/** Something that was played: what, and how that went. */
export interface PlayedRow {
  /** Of the track or episode. */
  id: string
  playbackId: string
  playedAt: Date
  msPlayed: number
  counted: boolean
}

export interface HistoryEdge extends Edge<PlayedRow>, Pick<PlayedRow, 'playedAt' | 'msPlayed' | 'counted'> {}

interface PageArgs {
  first?: number | null | undefined
  after?: string | null | undefined
}

/** What people have played. */
export interface History {
  /** A page of it, the last first; null for all but oneself. `now` in ms. */
  page(
    identity: Identity,
    userId: string,
    args: PageArgs,
    now: number,
  ): Promise<Connection<PlayedRow, HistoryEdge> | null>
}

export function createHistory(db: SqlExecutor): History {
  return {
    async page(identity, userId, args, now) {
      if (identity.userId !== userId) return null
      const page = readPage(args)
      const { startedAt, playbackId } = startOf(page, now)
      // Newer partitions are left out by the first bound, older ones not opened once the page is full: it costs the same at any depth.
      const rows = await db.$queryRaw<PlayedRow[]>`
        SELECT playable_id AS id, playback_id AS "playbackId", started_at AS "playedAt", heard_ms AS "msPlayed", is_counted AS counted
          FROM play
         WHERE user_id = ${userId} AND started_at <= ${startedAt} AND (started_at, playback_id) < (${startedAt}, ${playbackId})
         ORDER BY started_at DESC, playback_id DESC LIMIT ${page.first + 1}`
      return toConnection<PlayedRow, HistoryEdge>(
        rows,
        page,
        (row) => encodeCursor(row.playedAt.getTime(), row.playbackId),
        {
          decorate: ({ cursor, node }) => {
            const { playedAt, msPlayed, counted } = node
            return { cursor, node, playedAt, msPlayed, counted }
          },
        },
      )
    },
  }
}

/** Before what a page begins: nothing comes before an empty id. */
function startOf({ after }: Page, now: number): { startedAt: Date; playbackId: string } {
  if (after === null) return { startedAt: new Date(now + 1), playbackId: '' }
  const [time = '', playbackId = ''] = after
  const startedAt = new Date(/^\d{1,15}$/.test(time) ? Number(time) : Number.NaN)
  if (Number.isNaN(startedAt.getTime()) || !isPlaybackId(playbackId))
    throw new AppError('BAD_USER_INPUT', 'This cursor was not made by us')
  return { startedAt, playbackId }
}
