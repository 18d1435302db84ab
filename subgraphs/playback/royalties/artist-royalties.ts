import { sqltag as sql } from '@prisma/client/runtime/client'
import { z } from 'zod'
import { type Connection, encodeCursor, readPage, toConnection } from '#shared/connection.ts'
import type { SqlExecutor } from '#shared/database.ts'
import type { Month } from './month.ts'
import { readPosition } from './position.ts'
import { type PageArgs, readRejections, readStatement } from './statement.ts'
import type { RoyaltyTerms } from './terms.ts'
import { verdictsOn } from './verdicts.ts'

/** What `ArtistRoyalties` is resolved from. */
export interface ArtistMonth {
  artistId: string
  month: Month
  streams: number
  counted: number
  rejected: { reason: string; count: number }[]
  amountMicros: bigint
}

/** What `LedgerEntry` is resolved from: a journal of the ledger, seen from one account. */
export interface LedgerEntry {
  id: bigint
  at: Date
  debit: string
  credit: string
  amountMicros: bigint
  memo: string
}

/**
 * A month of an artist's. A closed one is as it was closed. Of an open one the plays are judged as of now, and the amount is what is booked in
 * it so far: corrections of months before.
 */
export async function readArtistMonth(
  db: SqlExecutor,
  terms: RoyaltyTerms,
  { artistId, month }: { artistId: string; month: Month },
): Promise<ArtistMonth> {
  const [tallies, [booked]] = await Promise.all([
    readTallies(db, terms, artistId, month),
    db.$queryRaw<{ amount: bigint }[]>`
      SELECT coalesce(sum(credit_micros) - sum(debit_micros), 0)::bigint AS amount
        FROM ledger_posting JOIN ledger_journal ON id = journal_id
       WHERE account = ${accountOf(artistId)} AND period = ${month.day}::date`,
  ])
  const rejected = tallies.filter(({ reason }) => reason !== '')
  const sum = (counts: readonly { count: number }[]): number =>
    counts.reduce((all, { count }) => all + count, 0)
  return {
    ...{ artistId, month, rejected },
    streams: sum(tallies),
    counted: sum(tallies) - sum(rejected),
    amountMicros: booked?.amount ?? 0n,
  }
}

async function readTallies(
  db: SqlExecutor,
  terms: RoyaltyTerms,
  artistId: string,
  month: Month,
): Promise<{ reason: string; count: number }[]> {
  const statement = await readStatement(db, month, 0)
  if (statement !== null) {
    const billed = await db.$queryRaw<{ reason: string; count: number }[]>`
      SELECT reason, streams AS count FROM royalty_tally
       WHERE month = ${month.day}::date AND correction = 0 AND artist_id = ${artistId} AND reason = ''`
    return [...billed, ...(await readRejections(db, statement, artistId))]
  }
  const { from, to } = month
  // As a close tallies them: by the credits of then, or those of now where none were known.
  const scope = sql`(${artistId} = ANY (play.artist_ids)
    OR (play.artist_ids = '{}' AND play.playable_id IN (SELECT track_id FROM track_artist WHERE ${artistId} = ANY (artist_ids))))`
  return db.$queryRaw`
    SELECT coalesce(reason, '') AS reason, count(*)::int AS count FROM (${verdictsOn({ terms, from, to, scope })}) AS verdict
     GROUP BY reason ORDER BY count(*) DESC, reason`
}

/** What was booked in the month on the artist's account, the newest first. */
export async function pageOfEntries(
  db: SqlExecutor,
  { artistId, month }: ArtistMonth,
  args: PageArgs,
): Promise<Connection<LedgerEntry>> {
  const page = readPage(args)
  const [before = null] = readPosition(page, z.tuple([z.string().regex(/^\d{1,18}$/)])) ?? []
  const account = accountOf(artistId)
  const rows = await db.$queryRaw<LedgerEntry[]>`
    SELECT id, at, memo, debit_micros + credit_micros AS "amountMicros",
           CASE WHEN debit_micros > 0 THEN account ELSE other END AS debit, CASE WHEN debit_micros > 0 THEN other ELSE account END AS credit
      FROM ledger_posting JOIN ledger_journal ON id = journal_id
      JOIN LATERAL (SELECT account AS other FROM ledger_posting beside WHERE beside.journal_id = id AND beside.account <> ${account}) AS beside
        ON true
     WHERE account = ${account} AND period = ${month.day}::date
       AND (${before}::text IS NULL OR id < ${before}::bigint)
     ORDER BY id DESC LIMIT ${page.first + 1}`
  return toConnection(rows, page, ({ id }) => encodeCursor(String(id)))
}

function accountOf(artistId: string): string {
  return `payable:${artistId.replace(/^artist_/, 'holder_')}`
}
