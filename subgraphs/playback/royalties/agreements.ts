import type { SqlExecutor } from '#shared/database.ts'
import type { RightsSide } from './rights.ts'
import type { HolderRow } from './statement.ts'

/** What `RightsAgreement` is resolved from. */
export interface AgreementRow {
  id: string
  side: RightsSide
  from: string | null
  until: string | null
  shares: { rightsHolder: HolderRow; basisPoints: number }[]
}

export async function readAgreement(db: SqlExecutor, id: string): Promise<AgreementRow | null> {
  const [agreement] = await db.$queryRaw<Omit<AgreementRow, 'shares'>[]>`
    SELECT id, side, lower(valid)::text AS from, upper(valid)::text AS until FROM rights_agreement WHERE id = ${id}`
  if (agreement === undefined) return null
  const shares = await db.$queryRaw<(HolderRow & { basisPoints: number })[]>`
    SELECT holder_id AS "holderId", name, role, artist_id AS "artistId", basis_points AS "basisPoints"
      FROM rights_share JOIN rights_holder ON rights_holder.id = holder_id WHERE agreement_id = ${id}
     ORDER BY basis_points DESC, holder_id`
  return {
    ...agreement,
    shares: shares.map(({ basisPoints, ...rightsHolder }) => ({ rightsHolder, basisPoints })),
  }
}
