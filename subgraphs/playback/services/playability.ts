import type { SqlExecutor } from '#shared/database.ts'
import { nodeTypeOf } from '#shared/id.ts'
import type { Identity } from '#shared/identity.ts'
import type { PlayabilityRow, PlayabilitySource } from '../models.ts'
import { type AccountRow, type Listener, listenerOf } from './account.ts'
import { isLicensedIn } from './market.ts'

/** Our copies of these recordings, in no order; what we have not heard of is left out. */
export async function readPlayability(db: SqlExecutor, ids: readonly string[]): Promise<PlayabilityRow[]> {
  const ours = ids.filter((id) => nodeTypeOf(id) !== null)
  if (ours.length === 0) return []
  return db.$queryRaw<PlayabilityRow[]>`
    SELECT id, markets, is_composable AS "isComposable", is_removed AS "isRemoved",
           (SELECT coalesce(sum(plays), 0)::float8 FROM play_count WHERE playable_id = id) AS plays,
           EXISTS (SELECT FROM audio_asset WHERE playable_id = id) AS "hasAudio"
      FROM playable
     WHERE id = ANY(${ours}::text[])`
}

/** Who listens: the account as we know it or as the token says, whichever is newer. A visitor is FREE, where the network is. */
export async function readListener(db: SqlExecutor, identity: Identity): Promise<Listener> {
  if (identity.userId === null) return listenerOf(identity, null)
  const [own] = await db.$queryRaw<AccountRow[]>`
    SELECT tier, country, version::float8 AS version FROM account WHERE user_id = ${identity.userId}`
  return listenerOf(identity, own ?? null)
}

/**
 * Whether pressing play would lead to music. Audio that is made at the first play counts as there: a player that greyed it
 * out would never ask for it.
 */
export function playabilityOf(row: PlayabilityRow, { country }: Listener): PlayabilitySource {
  if (row.isRemoved) return { allowed: false, reason: 'TAKEN_DOWN' }
  if (!isLicensedIn(row.markets, country)) return { allowed: false, reason: 'MARKET' }
  if (!row.hasAudio && !row.isComposable) return { allowed: false, reason: 'NOT_READY' }
  return { allowed: true, reason: null }
}
