import type { SqlExecutor } from './database.ts'

/** What a transaction holds that will write no event: a shared advisory lock of two numbers. */
const SILENCE = ["hashtext('cadenza outbox')", "hashtext('publishes nothing')"] as const

/**
 * SQL for a row of an outbox: whether it can be read for good, because no transaction is running that could still commit a smaller
 * position. Polling by sequence alone loses rows that commit late. Transactions that said that they publish nothing are not waited for;
 * they are looked up only when something is held back. One that ends between the snapshot and the look counts as any other.
 */
export const IS_SETTLED = `(
  xid < pg_snapshot_xmin(pg_current_snapshot())
  OR xid < (
    SELECT coalesce(min(running), pg_snapshot_xmax(pg_current_snapshot()))
      FROM pg_snapshot_xip(pg_current_snapshot()) AS running
     WHERE NOT EXISTS (
       SELECT FROM pg_locks AS own JOIN pg_locks AS silence USING (virtualtransaction)
        WHERE own.locktype = 'transactionid' AND own.mode = 'ExclusiveLock' AND own.transactionid = running::xid
          AND silence.locktype = 'advisory' AND silence.granted AND silence.objsubid = 2
          AND silence.classid = ${SILENCE[0]}::oid AND silence.objid = ${SILENCE[1]}::oid)))`

/**
 * For a long transaction, before it writes anything: readers of the log do not wait for it. Whoever calls this must not publish until it
 * has committed, or readers may have gone past the event.
 */
export async function publishNothing(tx: SqlExecutor): Promise<void> {
  await tx.$queryRaw`
    SELECT pg_advisory_xact_lock_shared(hashtext('cadenza outbox'), hashtext('publishes nothing'))::text`
}
