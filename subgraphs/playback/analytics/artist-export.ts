import type { SqlExecutor } from '#shared/database.ts'
import type { DownloadSource } from '../download-edge.ts'
import { csvLine } from '../services/csv.ts'
import { DAY_MS, dayOf, firstDay } from './days.ts'
import { hoursOf } from './window-reader.ts'

interface Figure {
  measure: string
  id: string
  name: string | null
  value: number
}

const HEADER = ['day', 'measure', 'id', 'name', 'value']

/** Where the last days of an artist lie among the downloads, as of when they are read. */
export function exportPath(artistId: string, days: number): string {
  return `artists/${artistId}/${days}/analytics.csv`
}

/**
 * An artist's last days as CSV, a line a figure, in the order of days. `measure` is `plays`, `plays_in_hour` (`id` is its beginning),
 * `plays_in_country`, `plays_on_device`, `plays_of_track` or `playlist_adds` (`name` is the title).
 */
export function createArtistExports(db: SqlExecutor, now: () => number): DownloadSource {
  return async ([artistId = '', days = '']) => ({
    contentType: 'text/csv; charset=utf-8; header=present',
    fileName: `${artistId}-${days}-days.csv`,
    body: linesOf(db, artistId, Number(days), now()),
  })
}

/** A day at a time, so that long exports need no memory. */
async function* linesOf(
  db: SqlExecutor,
  artistId: string,
  days: number,
  now: number,
): AsyncGenerator<string> {
  yield csvLine(HEADER)
  for (let time = Date.parse(firstDay(days, now)); time <= now; time += DAY_MS) {
    const day = dayOf(new Date(time))
    const figures = [...(await readPlays(db, artistId, day)), ...(await readParts(db, artistId, day))]
    yield figures
      .map(({ measure, id, name, value }) => csvLine([day, measure, id, name ?? '', value]))
      .join('')
  }
}

async function readPlays(db: SqlExecutor, artistId: string, on: string): Promise<Figure[]> {
  const rows = await db.$queryRaw<{ day: Date; hours: number[]; plays: number }[]>`
    SELECT day, hours, plays FROM play_tally WHERE dimension = 'ARTIST' AND id = ${artistId} AND day = ${on}::date`
  return rows.flatMap((row) => [
    { measure: 'plays', id: '', name: null, value: row.plays },
    ...hoursOf(row).map(({ hour, plays }) => ({
      ...{ measure: 'plays_in_hour', id: hour.toISOString() },
      ...{ name: null, value: plays },
    })),
  ])
}

async function readParts(db: SqlExecutor, artistId: string, on: string): Promise<Figure[]> {
  return db.$queryRaw<Figure[]>`
    SELECT CASE dimension WHEN 'COUNTRY' THEN 'plays_in_country' WHEN 'DEVICE' THEN 'plays_on_device' ELSE 'plays_of_track' END
             AS measure, artist_audience.id, title AS name, plays AS value
      FROM artist_audience LEFT JOIN playable ON dimension = 'TRACK' AND playable.id = artist_audience.id
     WHERE artist_id = ${artistId} AND dimension IN ('COUNTRY', 'DEVICE', 'TRACK') AND day = ${on}::date AND plays <> 0
    UNION ALL
    SELECT 'playlist_adds', track_id, title, adds
      FROM track_artist JOIN playlist_add USING (track_id) LEFT JOIN playable ON playable.id = track_id
     WHERE artist_ids @> ARRAY[${artistId}] AND day = ${on}::date
     ORDER BY measure, value DESC, id`
}
