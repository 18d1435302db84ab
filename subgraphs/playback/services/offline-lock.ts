import type { SqlExecutor } from '#shared/database.ts'
import { Refusal } from '#shared/errors.ts'
import type { SignedIn } from '#shared/identity.ts'
import { type AccountRow, type Listener, listenerOf } from './account.ts'

/**
 * Albums and playlists are held while somebody adds them to a device, and while they change, so that no change falls between the two.
 * Always before any account, and in the order of ids: nobody waits in a circle.
 */
export async function lockSources(tx: SqlExecutor, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await tx.$queryRaw`
    SELECT pg_advisory_xact_lock(hashtextextended(id, 0))::text
      FROM unnest(${[...ids].sort()}::text[]) WITH ORDINALITY AS source (id, place) ORDER BY place`
}

/** Holds everything offline of these users until the transaction ends: what is counted meanwhile stays as it was counted. */
export async function lockAccounts(tx: SqlExecutor, userIds: readonly string[]): Promise<void> {
  const ids = [...new Set(userIds)].sort()
  if ((await lockKnown(tx, ids)) === ids.length) return
  await tx.$executeRaw`
    INSERT INTO offline_account (user_id) SELECT unnest(${ids}::text[]) ON CONFLICT DO NOTHING`
  await lockKnown(tx, ids)
}

async function lockKnown(tx: SqlExecutor, ids: readonly string[]): Promise<number> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT FROM offline_account WHERE user_id = ANY (${ids}::text[]) ORDER BY user_id FOR UPDATE`
  return rows.length
}

/**
 * Throws TIER unless the account includes offline listening, by the token or by our copy, whichever is newer. The copy is held until the
 * transaction ends: whatever is committed after a lapse was refused.
 */
export async function requirePremium(tx: SqlExecutor, user: SignedIn): Promise<Listener> {
  const [own] = await tx.$queryRaw<AccountRow[]>`
    SELECT tier, country, version::float8 AS version FROM account WHERE user_id = ${user.userId} FOR SHARE`
  const listener = listenerOf(user, own ?? null)
  if (listener.tier !== 'PREMIUM') throw new Refusal('TIER', 'Listening offline is a part of PREMIUM')
  return listener
}
