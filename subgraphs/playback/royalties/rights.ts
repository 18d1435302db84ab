import { z } from 'zod'
import type { SqlExecutor } from '#shared/database.ts'
import { derivedId, isIdOf } from '#shared/id.ts'

export const RIGHTS_ROLES = ['ARTIST', 'LABEL', 'PRODUCER', 'SONGWRITER', 'PUBLISHER'] as const
export type RightsRole = (typeof RIGHTS_ROLES)[number]
export type RightsSide = 'RECORDING' | 'WORK'

const key = z.string().trim().min(1).max(200)
const name = z.string().trim().min(1).max(500)
const day = z.iso.date()

const shareSchema = z.object({
  /** An artist's id, or whatever the holder is known by: an IPI name number, the label's own number. */
  holderKey: key,
  /** Told when the key is new, or another name is to be shown. Of an artist the catalogue says it. */
  name: name.nullish(),
  role: z.enum(RIGHTS_ROLES).nullish(),
  basisPoints: z.int().min(1).max(10_000),
})

export const agreementSchema = z
  .object({
    /** The recording, or what is from now on a recording of the work. */
    trackId: z.string().nullish(),
    /** What the work is known by: its ISWC, or a number of one's own. Null where it is about the recording. */
    workKey: key.nullish(),
    workTitle: name.nullish(),
    /** From this day on, to before that one (UTC); null is for ever. */
    from: day.nullish(),
    until: day.nullish(),
    shares: z.array(shareSchema).min(1).max(100),
  })
  .refine(({ trackId, workKey }) => trackId != null || workKey != null, {
    error: 'Name the track whose recording it is about, or the work',
    path: ['trackId'],
  })
  .refine(({ trackId }) => trackId == null || isIdOf('track', trackId), {
    error: 'This is no id of a track',
    path: ['trackId'],
  })
  .refine(({ from, until }) => from == null || until == null || from < until, {
    error: 'It ends before it begins',
    path: ['until'],
  })
  .refine(({ shares }) => new Set(shares.map(({ holderKey }) => holderKey)).size === shares.length, {
    error: 'A holder has one share',
    path: ['shares'],
  })
  .superRefine(({ shares }, context) => {
    const whole = shares.reduce((sum, { basisPoints }) => sum + basisPoints, 0)
    if (whole === 10_000) return
    const message = `The shares add up to ${whole}, not to 10,000 basis points`
    context.addIssue({ code: 'custom', message, path: ['shares'] })
  })

/** Who shares in what a recording earns, or a work, on some days. */
export type Agreement = z.infer<typeof agreementSchema>
/** `RightsSetInput` of the schema. */
export type AgreementInput = z.input<typeof agreementSchema>

/** A holder was named by a new key and nothing else. */
export class HolderUnknown extends Error {
  constructor(holderKey: string) {
    super(`Nobody is known by ${holderKey} yet: give a name and a role`)
    this.name = 'HolderUnknown'
  }
}

export function holderIdOf(holderKey: string): string {
  return isIdOf('artist', holderKey)
    ? holderKey.replace('artist_', 'holder_')
    : derivedId('holder', holderKey)
}

/**
 * Says who has rights, on the days of the agreement, whatever was said of those before; the days around stay as they were. Returns the
 * agreement's id. Throws HolderUnknown.
 */
export async function setRights(tx: SqlExecutor, agreement: Agreement): Promise<string> {
  const { trackId, workKey, workTitle, from = null, until = null } = agreement
  const workId = workKey == null ? null : derivedId('work', workKey)
  if (workId !== null) await nameWork(tx, workId, workTitle ?? workKey ?? '', workTitle != null)
  if (workId !== null && trackId != null)
    await tx.$executeRaw`
      INSERT INTO recording_work (recording_id, work_id) VALUES (${trackId}, ${workId})
      ON CONFLICT (recording_id) DO UPDATE SET work_id = excluded.work_id`
  const side: RightsSide = workId === null ? 'RECORDING' : 'WORK'
  const subjectId = workId ?? trackId ?? ''
  // Two who speak of the same days at once: the second speaks last.
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`rights ${subjectId}`}, 0))::text`
  await nameHolders(tx, agreement.shares)
  await makeRoom(tx, { side, subjectId, from, until })
  const shares = agreement.shares.map(({ holderKey, basisPoints }) => ({
    holderId: holderIdOf(holderKey),
    basisPoints,
  }))
  return write(tx, { side, subjectId, from, until, shares })
}

async function nameWork(tx: SqlExecutor, id: string, title: string, isTold: boolean): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO musical_work (id, title) VALUES (${id}, ${title})
    ON CONFLICT (id) DO UPDATE SET title = excluded.title WHERE ${isTold}`
}

async function nameHolders(tx: SqlExecutor, shares: Agreement['shares']): Promise<void> {
  const told = shares.map(({ holderKey, name, role }) => ({
    id: holderIdOf(holderKey),
    holderKey,
    name: name ?? null,
    role: isIdOf('artist', holderKey) ? 'ARTIST' : (role ?? null),
    artistId: isIdOf('artist', holderKey) ? holderKey : null,
  }))
  const rows = JSON.stringify(told)
  await tx.$executeRaw`
    INSERT INTO rights_holder (id, name, role, artist_id)
    SELECT id, coalesce(name, "artistId"), role, "artistId"
      FROM jsonb_to_recordset(${rows}::text::jsonb) AS told (id text, name text, role text, "artistId" text)
     WHERE role IS NOT NULL AND coalesce(name, "artistId") IS NOT NULL ORDER BY id
    ON CONFLICT (id) DO UPDATE SET (name, role) = (excluded.name, excluded.role)
     WHERE excluded.artist_id IS NULL AND (rights_holder.name, rights_holder.role) <> (excluded.name, excluded.role)`
  const unknown = await tx.$queryRaw<{ holderKey: string }[]>`
    SELECT "holderKey" FROM jsonb_to_recordset(${rows}::text::jsonb) AS told (id text, "holderKey" text)
     WHERE NOT EXISTS (SELECT FROM rights_holder WHERE rights_holder.id = told.id) LIMIT 1`
  if (unknown[0] !== undefined) throw new HolderUnknown(unknown[0].holderKey)
}

interface Standing {
  id: string
  isBefore: boolean
  /** It goes on after the days that are to be free. */
  isAfter: boolean
  ends: string | null
  shares: { holderId: string; basisPoints: number }[]
}

/** What was said of these days goes; what it said of days before and after stays. */
async function makeRoom(
  tx: SqlExecutor,
  { side, subjectId, from, until }: Omit<Row, 'shares'>,
): Promise<void> {
  const standing = await tx.$queryRaw<Standing[]>`
    SELECT id, coalesce(lower(valid) < ${from}::date, lower_inf(valid) AND ${from}::date IS NOT NULL) AS "isBefore",
           coalesce(upper(valid) > ${until}::date, upper_inf(valid) AND ${until}::date IS NOT NULL) AS "isAfter",
           upper(valid)::text AS ends,
           (SELECT jsonb_agg(jsonb_build_object('holderId', holder_id, 'basisPoints', basis_points))
              FROM rights_share WHERE agreement_id = id) AS shares
      FROM rights_agreement
     WHERE side = ${side} AND subject_id = ${subjectId} AND valid && daterange(${from}::date, ${until}::date)`
  for (const { id, isBefore, isAfter, ends, shares } of standing) {
    if (isBefore)
      await tx.$executeRaw`UPDATE rights_agreement SET valid = valid * daterange(NULL, ${from}::date) WHERE id = ${id}`
    else await tx.$executeRaw`DELETE FROM rights_agreement WHERE id = ${id}`
    if (isAfter) await write(tx, { side, subjectId, from: until, until: ends, shares })
  }
}

interface Row {
  side: RightsSide
  subjectId: string
  from: string | null
  until: string | null
  shares: readonly { holderId: string; basisPoints: number }[]
}

/** Of one subject no two agreements begin on the same day: subject and day are the id, so that the same rights have the same ids anywhere. */
async function write(tx: SqlExecutor, { side, subjectId, from, until, shares }: Row): Promise<string> {
  const id = `${subjectId}:${from ?? ''}`
  await tx.$executeRaw`
    WITH agreement AS (
      INSERT INTO rights_agreement (id, side, subject_id, valid)
      VALUES (${id}, ${side}, ${subjectId}, daterange(${from}::date, ${until}::date))
    )
    INSERT INTO rights_share (agreement_id, holder_id, basis_points)
    SELECT ${id}, "holderId", "basisPoints"
      FROM jsonb_to_recordset(${JSON.stringify(shares)}::text::jsonb) AS share ("holderId" text, "basisPoints" int)`
  return id
}
