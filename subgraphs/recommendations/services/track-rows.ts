import type { PrismaClient } from '../generated/prisma/client.ts'
import { type AudioFeatures, toCoordinates } from './features.ts'
import type { TrackFacts } from './model.ts'
import { recordingOf } from './recording.ts'

/** Reads what changed in the copy of tracks, in order. */
export interface TrackRows {
  /** Up to a few thousand changes after `changed`, the oldest first. */
  readAfter(changed: bigint): Promise<readonly TrackChange[]>
}

export interface TrackChange {
  readonly id: string
  readonly changed: bigint
  /** null: the track is gone. */
  readonly facts: TrackFacts | null
}

interface Row extends AudioFeatures {
  id: string
  title: string
  artists: string[]
  genres: string[]
  markets: string[] | null
  popularity: number
  year: number | null
  hasFeatures: boolean
  isRemoved: boolean
  changed: bigint
}

const PAGE = 5_000

export function createTrackRows(db: PrismaClient): TrackRows {
  const lists = createListPool()
  return {
    async readAfter(changed) {
      const rows = await db.$queryRaw<Row[]>`
        SELECT id, title, artist_ids AS artists, genres, markets, popularity, release_year AS year, tempo, key, mode, energy,
               danceability, valence, acousticness, instrumentalness, loudness, speechiness,
               tempo IS NOT NULL AS "hasFeatures", is_removed AS "isRemoved", changed
          FROM track WHERE changed > ${changed} ORDER BY changed LIMIT ${PAGE}`
      return rows.map((row) => ({
        id: row.id,
        changed: row.changed,
        facts: row.isRemoved ? null : toFacts(row, lists),
      }))
    },
  }
}

function toFacts(row: Row, share: (list: string[]) => readonly string[]): TrackFacts {
  return {
    id: row.id,
    recording: recordingOf(row.title, row.artists),
    artists: share(row.artists),
    genres: share(row.genres),
    markets: row.markets === null ? null : share([...new Set(row.markets)].sort()),
    popularity: row.popularity,
    point: row.hasFeatures ? toCoordinates(row, row.year) : null,
  }
}

/** One array for all equal ones: a catalogue has few distinct market lists, genre lists and artists. */
function createListPool(): (list: string[]) => readonly string[] {
  const known = new Map<string, readonly string[]>()
  return (list) => {
    const key = list.join('\n')
    const same = known.get(key) ?? list
    known.set(key, same)
    return same
  }
}
