import DataLoader from 'dataloader'
import type { SqlExecutor } from '#shared/database.ts'
import type { ArtistWindow } from './artist-analytics.ts'
import type { AudienceDimension } from './counting.ts'

export interface HourTally {
  hour: Date
  plays: number
}

/** Plays in one country, on one kind of device or of one track. */
export interface AudiencePart {
  id: string
  plays: number
}

export interface AudienceQuestion extends ArtistWindow {
  dimension: AudienceDimension
}

/** What is told of artists and their last days: one statement each for all that one request asks. */
export interface WindowLoaders {
  /** The hours with plays, in order. */
  artistHours: DataLoader<ArtistWindow, HourTally[], string>
  /** The most played first. */
  artistAudience: DataLoader<AudienceQuestion, AudiencePart[], string>
  /** How many different people. */
  artistListeners: DataLoader<ArtistWindow, number, string>
  /** How often their tracks were put into playlists. */
  playlistAdds: DataLoader<ArtistWindow, number, string>
}

const HOUR_MS = 3_600_000

export function createWindowLoaders(db: SqlExecutor): WindowLoaders {
  return {
    artistHours: createWindowLoader(
      (asked) => db.$queryRaw<{ place: number; day: Date; hours: number[] }[]>`
        SELECT place, day, hours
          FROM jsonb_to_recordset(${asked}::text::jsonb) AS asked (place int, "artistId" text, since date)
          JOIN play_tally ON dimension = 'ARTIST' AND id = "artistId" AND day >= since ORDER BY day`,
      (rows) => rows.flatMap(hoursOf),
    ),
    artistAudience: createWindowLoader<AudienceQuestion, AudiencePart & { place: number }, AudiencePart[]>(
      (asked) => db.$queryRaw`
        SELECT place, artist_audience.id, sum(plays)::int AS plays
          FROM jsonb_to_recordset(${asked}::text::jsonb) AS asked (place int, "artistId" text, since date, dimension text)
          JOIN artist_audience ON artist_id = "artistId" AND artist_audience.dimension = asked.dimension AND day >= since
         GROUP BY 1, 2 HAVING sum(plays) <> 0 ORDER BY plays DESC, id`,
      (rows) => rows.map(({ id, plays }) => ({ id, plays })),
    ),
    artistListeners: createWindowLoader(
      (asked) => db.$queryRaw<{ place: number; listeners: number }[]>`
        SELECT place, sum(listeners)::int AS listeners
          FROM jsonb_to_recordset(${asked}::text::jsonb) AS asked (place int, "artistId" text, since date)
          JOIN artist_reach ON artist_id = "artistId" AND day >= since GROUP BY place`,
      ([row]) => row?.listeners ?? 0,
    ),
    playlistAdds: createWindowLoader(
      (asked) => db.$queryRaw<{ place: number; adds: number }[]>`
        SELECT place, sum(adds)::int AS adds
          FROM jsonb_to_recordset(${asked}::text::jsonb) AS asked (place int, "artistId" text, since date)
          JOIN track_artist ON artist_ids @> ARRAY["artistId"]
          JOIN playlist_add USING (track_id) WHERE day >= since GROUP BY place`,
      ([row]) => row?.adds ?? 0,
    ),
  }
}

/** The hours of a day in which something was played. */
export function hoursOf({ day, hours }: { day: Date; hours: readonly number[] }): HourTally[] {
  return hours.flatMap((plays, hour) =>
    plays === 0 ? [] : [{ hour: new Date(day.getTime() + hour * HOUR_MS), plays }],
  )
}

/** `read` is told all questions of a request as JSON, each with its place; its rows say which they answer. */
function createWindowLoader<Question extends ArtistWindow, Row extends { place: number }, Answer>(
  read: (asked: string) => PromiseLike<Row[]>,
  answerOf: (rows: readonly Row[]) => Answer,
): DataLoader<Question, Answer, string> {
  return new DataLoader(
    async (questions) => {
      const asked = questions.map((question, place) => ({ ...question, place }))
      const answers: Row[][] = questions.map(() => [])
      for (const row of await read(JSON.stringify(asked))) answers[row.place]?.push(row)
      return answers.map(answerOf)
    },
    { cacheKeyFn: (question) => JSON.stringify(question) },
  )
}
