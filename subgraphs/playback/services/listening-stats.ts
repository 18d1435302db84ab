import { readPage } from '#shared/connection.ts'
import type { SqlExecutor } from '#shared/database.ts'
import { AppError } from '#shared/errors.ts'
import type { Identity } from '#shared/identity.ts'

/** Whose listening, and since when. */
export interface ListeningSpan {
  userId: string
  since: Date
  until: Date
}

export interface PlaysOf {
  id: string
  plays: number
}

/** What was listened to in a span of time: each figure is read when it is asked for, from that person's plays of those days alone. */
export interface ListeningStatistics {
  /** Whole minutes of all that was heard, counted or not. */
  minutes(span: ListeningSpan): Promise<number>
  /** By counted plays, most first; `first` is 1-100, 20 if left out. Whoever is on a track with others has its plays as they have. */
  topArtists(span: ListeningSpan, first?: number | null): Promise<PlaysOf[]>
  topTracks(span: ListeningSpan, first?: number | null): Promise<PlaysOf[]>
}

const MOST_DAYS = 365
const DAY_MS = 24 * 3_600_000

/** The last `days` days, 1-365, up to now; null for all but oneself. */
export function spanOf(identity: Identity, userId: string, days: number, now: number): ListeningSpan | null {
  if (identity.userId !== userId) return null
  if (days < 1 || days > MOST_DAYS)
    throw new AppError('BAD_USER_INPUT', `days must be from 1 to ${MOST_DAYS}, not ${days}`)
  return { userId, since: new Date(now - days * DAY_MS), until: new Date(now) }
}

export function createListeningStatistics(db: SqlExecutor): ListeningStatistics {
  return {
    async minutes({ userId, since, until }) {
      const [row] = await db.$queryRaw<{ minutes: number }[]>`
        SELECT (coalesce(sum(heard_ms), 0) / 60000)::int AS minutes FROM play
         WHERE user_id = ${userId} AND started_at > ${since} AND started_at <= ${until}`
      return row?.minutes ?? 0
    },
    topArtists({ userId, since, until }, first) {
      return Promise.resolve(db.$queryRaw<PlaysOf[]>`
        SELECT id, count(*)::int AS plays FROM play, unnest(artist_ids) AS id
         WHERE user_id = ${userId} AND started_at > ${since} AND started_at <= ${until} AND is_counted
         GROUP BY id ORDER BY plays DESC, id LIMIT ${readPage({ first }).first}`)
    },
    topTracks({ userId, since, until }, first) {
      return Promise.resolve(db.$queryRaw<PlaysOf[]>`
        SELECT playable_id AS id, count(*)::int AS plays FROM play
         WHERE user_id = ${userId} AND started_at > ${since} AND started_at <= ${until} AND is_counted
           AND playable_id LIKE 'track\\_%'
         GROUP BY id ORDER BY plays DESC, id LIMIT ${readPage({ first }).first}`)
    },
  }
}
