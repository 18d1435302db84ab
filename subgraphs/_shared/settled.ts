import { raw } from '@prisma/client/runtime/client'
import type { SqlExecutor } from './database.ts'

/** What a transaction holds that will write no event: a shared advisory lock of two numbers. */
const [CLASS, OBJECT] = ["hashtext('cadenza outbox')", "hashtext('publishes nothing')"]

/**
 * SQL for a transaction id: every event with a smaller one that there will ever be can be seen. So it is the oldest transaction that runs and
 * has not said that it publishes nothing. One that ends between the snapshot and the look at the locks counts as any other. The locks
 * are looked at once: what a backend held then belongs to one transaction, which two looks might take for one with the next.
 */
export const SETTLED_BELOW = `
  coalesce((
    SELECT min(running) FROM pg_snapshot_xip(pg_current_snapshot()) AS running
     WHERE running::xid NOT IN (
       SELECT unnest(array_agg(transactionid) FILTER (WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock'))
         FROM pg_locks GROUP BY virtualtransaction
       HAVING bool_or(locktype = 'advisory' AND granted AND objsubid = 2 AND classid = ${CLASS}::oid AND objid = ${OBJECT}::oid))
  ), pg_snapshot_xmax(pg_current_snapshot()))`

/**
 * SQL for a row of an outbox: whether it can be read for good, because no transaction is running that could still commit a smaller
 * position. Polling by sequence alone loses rows that commit late. The locks are looked at only when something is held back.
 */
export const IS_SETTLED = `
  (xid < pg_snapshot_xmin(pg_current_snapshot()) OR xid < (SELECT ${SETTLED_BELOW}))`

/**
 * For a long transaction, before it writes anything: readers of the log do not wait for it. Whoever calls this must not publish until it
 * has committed, or readers may have gone past the event.
 */
export async function publishNothing(tx: SqlExecutor): Promise<void> {
  await tx.$queryRaw`SELECT pg_advisory_xact_lock_shared(${raw(`${CLASS}, ${OBJECT}`)})::text`
}
