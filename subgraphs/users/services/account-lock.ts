import type { Account, Prisma } from '../generated/prisma/client.ts'
import type { AccountRow } from '../models.ts'

/** Bounds of a transaction here: the door looks five seconds back for sessions that ended, so none may end later than that. */
export const TRANSACTION = { timeout: 5_000, maxWait: 10_000 } as const

/**
 * Locks the account and reads it: the first statement of every transaction that changes an account, its devices or its
 * sessions. One lock for all of them keeps events in order per user and leaves nothing to deadlock on.
 */
export async function lockAccount(tx: Prisma.TransactionClient, userId: string): Promise<AccountRow | null> {
  const rows = await tx.$queryRaw<AccountRow[]>`
    SELECT id, email, display_name AS "displayName", country, tier::text, role::text, artists, version,
           created_at AS "createdAt", shares_plays AS "sharesPlays"
      FROM account WHERE id = ${userId} FOR UPDATE`
  return rows[0] ?? null
}

/** Changes a locked account, or counts a change of its devices, and gives it its next version. */
export function changeAccount(
  tx: Prisma.TransactionClient,
  userId: string,
  change: Partial<Pick<Account, 'tier'>> = {},
): Promise<AccountRow> {
  return tx.account.update({
    where: { id: userId },
    data: { ...change, version: { increment: 1 } },
    omit: { passwordHash: true },
  })
}
