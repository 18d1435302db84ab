import { z } from 'zod'
import { type Connection, encodeCursor, readPage, toConnection } from '#shared/connection.ts'
import type { SqlExecutor } from '#shared/database.ts'
import { readMonth } from './month.ts'
import { readPosition } from './position.ts'
import type { PageArgs, PayoutRow } from './statement.ts'

/** What `PayoutRecording` is resolved from: what a holder gets of one line, on one side. */
export interface CreditRow {
  month: string
  correction: number
  line: number
  recordingId: string
  side: 'RECORDING' | 'WORK'
  parts: number
  whole: number
  streams: number
  weight: bigint
  /** What the line earned in all. */
  lineMicros: bigint
  amountMicros: bigint
}

/** What `JudgedPlay` is resolved from. */
export interface JudgedPlay {
  playbackId: string
  startedAt: Date
  tier: string
  heardMs: number
  /** BILLED, or why not. */
  verdict: string
}

const RECORDING_POSITION = z.tuple([
  z.string().regex(/^\d{1,18}$/),
  z.string().regex(/^\d{1,9}$/),
  z.string(),
])
const PLAY_POSITION = z.tuple([z.iso.datetime(), z.string()])

/** What a payout is made of: its amounts add up to it. */
export async function pageOfRecordings(
  db: SqlExecutor,
  { month, correction, holderId }: PayoutRow,
  args: PageArgs,
): Promise<Connection<CreditRow>> {
  const page = readPage(args)
  const [amount = null, line = '0', side = ''] = readPosition(page, RECORDING_POSITION) ?? []
  const rows = await db.$queryRaw<Omit<CreditRow, 'month' | 'correction'>[]>`
    SELECT line, recording_id AS "recordingId", side, parts, whole, streams, weight, line.amount_micros AS "lineMicros",
           credit.amount_micros AS "amountMicros"
      FROM royalty_credit credit JOIN royalty_line line USING (month, correction, line)
     WHERE month = ${readMonth(month).day}::date AND correction = ${correction} AND holder_id = ${holderId}
       AND (${amount}::text IS NULL OR (-credit.amount_micros, line, side) > (-${amount}::bigint, ${line}::int, ${side}))
     ORDER BY credit.amount_micros DESC, line, side LIMIT ${page.first + 1}`
  return toConnection(
    rows.map((row) => ({ ...row, month, correction })),
    page,
    (row) => encodeCursor(String(row.amountMicros), row.line, row.side),
  )
}

/** The plays a line counts, in order, and beside them those of the recording that were not billed. */
export async function pageOfPlays(
  db: SqlExecutor,
  { month, correction, line, recordingId }: CreditRow,
  args: PageArgs,
): Promise<Connection<JudgedPlay>> {
  const page = readPage(args)
  const [startedAt = null, playbackId = ''] = readPosition(page, PLAY_POSITION) ?? []
  const rows = await db.$queryRaw<JudgedPlay[]>`
    SELECT playback_id AS "playbackId", started_at AS "startedAt", tier, heard_ms AS "heardMs", coalesce(reason, 'BILLED') AS verdict
      FROM royalty_verdict
     WHERE month = ${readMonth(month).day}::date AND correction = ${correction} AND recording_id = ${recordingId}
       AND (line = ${line} OR line IS NULL)
       AND (${startedAt}::text IS NULL OR (started_at, playback_id) > (${startedAt}::text::timestamptz, ${playbackId}))
     ORDER BY started_at, playback_id LIMIT ${page.first + 1}`
  return toConnection(rows, page, (row) => encodeCursor(row.startedAt.toISOString(), row.playbackId))
}
