import type { SqlExecutor } from '#shared/database.ts'

/**
 * How much a track was played today (UTC) and in the 28 days before, a play of three days ago counting half of one now, as the logarithm
 * to base 2 of what that is worth at a fixed moment: cooling moves all of them alike, so two that are compared today compare
 * the same tomorrow.
 */
export interface Heat {
  id: string
  /** Null: none of its plays counts any more. */
  heat: number | null
}

/** How far a reader has seen the heats of a country change. */
export interface HeatPosition {
  /** The window's last day. */
  day: string
  xid: string
}

export interface HeatReading {
  heats: readonly Heat[]
  position: HeatPosition
  /** Whether these are all there are, or those that may have changed since the position asked from. */
  isWhole: boolean
}

/** The heats of a country, or of the world: those changed since a position, where that is of today, else all. */
export type ReadHeats = (country: string | null, since: HeatPosition | null) => Promise<HeatReading>

/** One of the tables' countries is the world. */
export const WORLD = '*'
export const HALF_LIFE_S = 3 * 24 * 3_600
const DAYS_BEFORE = 28
/** 2026-01-01: near enough that the logarithms keep their digits. */
const EPOCH_S = 1_767_225_600
const DIGITS = 1e6
/** What one play weighs at the beginning of a day. */
export const UNIT = 2 ** 20

/** What a heat is worth in plays at a moment, in ms. */
export function playsOf(heat: number, now: number): number {
  return 2 ** (heat - halfLivesAt(now / 1_000))
}

function halfLivesAt(seconds: number): number {
  return (seconds - EPOCH_S) / HALF_LIFE_S
}

interface Row {
  id: string
  plays: number
  /** In plays of the first moment of today. */
  worth: number
}

/**
 * A row that is changed has the number of the transaction that changed it. Numbers below the oldest transaction that still ran at a reading
 * have all been seen by it; the others are read once more the next time, which changes nothing, since what is read is a state.
 */
export function createHeatReader(db: SqlExecutor): ReadHeats {
  async function readPosition(): Promise<HeatPosition> {
    const [position] = await db.$queryRaw<[HeatPosition]>`
      SELECT (now() AT TIME ZONE 'UTC')::date::text AS day, pg_snapshot_xmin(pg_current_snapshot())::text AS xid`
    return position
  }

  async function readAll(country: string, { day }: HeatPosition): Promise<Row[]> {
    return db.$queryRaw<Row[]>`
      SELECT track_id AS id, sum(plays)::int AS plays,
             sum(weight * power(2, (day - ${day}::date) * 86400 / ${HALF_LIFE_S}::float8)) / ${UNIT}::float8 AS worth
        FROM heat_day WHERE country = ${country} AND day >= ${day}::date - ${DAYS_BEFORE}::int GROUP BY track_id`
  }

  async function readChanged(country: string, { day, xid }: HeatPosition): Promise<Row[]> {
    return db.$queryRaw<Row[]>`
      SELECT track_id AS id, sum(plays)::int AS plays,
             sum(weight * power(2, (day - ${day}::date) * 86400 / ${HALF_LIFE_S}::float8)) / ${UNIT}::float8 AS worth
        FROM heat_day WHERE country = ${country} AND day >= ${day}::date - ${DAYS_BEFORE}::int
         AND track_id = ANY (ARRAY(
               SELECT track_id FROM heat_day WHERE country = ${country} AND xid >= ${xid}::text::xid8))
       GROUP BY track_id`
  }

  return async (country, since) => {
    const place = country ?? WORLD
    // Before the rows: what is committed in between is in these already, and read again the next time.
    const position = await readPosition()
    const isWhole = since === null || since.day !== position.day
    const rows = await (isWhole ? readAll(place, position) : readChanged(place, since))
    const today = halfLivesAt(Date.parse(position.day) / 1_000)
    const heats = rows.map(({ id, plays, worth }) => ({
      id,
      heat: plays > 0 ? Math.round((Math.log2(worth) + today) * DIGITS) / DIGITS : null,
    }))
    return { heats, position, isWhole }
  }
}
