import type { PrismaPg } from '@prisma/adapter-pg'
import type { SqlQuery } from '@prisma/driver-adapter-utils'

/** Between two hints of a room: whatever was committed meanwhile is one. */
const GAP_MS = 5

/**
 * Has every commit that wrote to the outbox followed by a hint to the log's readers: NOTIFY, on a transaction of its own.
 *
 * In the writer's transaction NOTIFY would take a lock of the whole cluster from before its commit until it is on disk, so that commits
 * that say something go one after the other and share no flush (`npm run bench -- publish`). A hint that is lost with its process
 * costs readers one poll. A hint itself need not be on disk.
 */
export function announceCommits(adapters: PrismaPg): PrismaPg {
  const connect = adapters.connect.bind(adapters)
  adapters.connect = async () => {
    const adapter = await connect()
    const execute = adapter.executeRaw.bind(adapter)
    const begin = adapter.startTransaction.bind(adapter)
    const announce = createAnnouncement(() =>
      execute({
        sql: `SELECT set_config('synchronous_commit', 'off', true), pg_notify('outbox', current_schema())`,
        args: [],
        argTypes: [],
      }),
    )
    adapter.executeRaw = async (query) => {
      const rows = await execute(query)
      if (says(query)) announce()
      return rows
    }
    adapter.startTransaction = async (isolation) => {
      const transaction = await begin(isolation)
      const executeWithin = transaction.executeRaw.bind(transaction)
      const commit = transaction.commit.bind(transaction)
      let hasSaid = false
      transaction.executeRaw = (query) => {
        hasSaid ||= says(query)
        return executeWithin(query)
      }
      transaction.commit = async () => {
        await commit()
        if (hasSaid) announce()
      }
      return transaction
    }
    return adapter
  }
  return adapters
}

/** Whether a statement is one of `publish`. */
function says({ sql }: SqlQuery): boolean {
  return sql.includes('INSERT INTO outbox')
}

function createAnnouncement(tell: () => Promise<unknown>): () => void {
  let isResting = false
  let isDue = false

  function announce(): void {
    isDue = isResting
    if (isResting) return
    isResting = true
    void tell()
      .catch(() => undefined) // readers look by themselves, too
      .then(() =>
        setTimeout(() => {
          isResting = false
          if (isDue) announce()
        }, GAP_MS).unref(),
      )
  }

  return announce
}
