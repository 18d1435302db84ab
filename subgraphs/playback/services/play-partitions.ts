import type { SqlExecutor } from '#shared/database.ts'

/** The months of the table of plays, as far as they are needed. */
export interface PlayPartitions {
  /** Makes those that hold these instants, unless this process knows that they are there. Not in the transaction that waits for them. */
  ensure(instants: readonly Date[]): Promise<void>
}

export function createPlayPartitions(db: SqlExecutor): PlayPartitions {
  const made = new Set<string>()
  return {
    async ensure(instants) {
      for (const month of new Set(instants.map((instant) => instant.toISOString().slice(0, 7)))) {
        if (made.has(month)) continue
        await db.$queryRaw`SELECT make_play_partition(${`${month}-01T00:00:00Z`}::timestamptz)::text`
        made.add(month)
      }
    },
  }
}
