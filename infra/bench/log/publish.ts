import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { roomAdapter } from '#shared/database.ts'
import { publish } from '#shared/outbox.ts'
import { migrate } from '../../../prisma/migrate.ts'
import { PrismaClient } from '../../../subgraphs/users/generated/prisma/client.ts'
import { startPostgres } from '../../standalone/postgres.ts'
import { showProgress } from '../progress.ts'
import { percentile, report } from '../report.ts'

const ROUNDS = 5
const WRITERS = 8
const ROUND_MS = 2_000
const PATIENCE = { maxWait: 30_000, timeout: 30_000 }

/**
 * `npm run bench -- publish`: transactions a second that each say one event, eight at a time, on a PostgreSQL that really writes to disk;
 * beside the same ones with NOTIFY among them. In turns, five rounds; medians.
 */
export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cadenza-bench-'))
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), password: 'bench' })
  await migrate('users', postgres.url)
  const db = new PrismaClient({ adapter: roomAdapter(postgres.url, 'users', WRITERS) })
  const after: number[] = []
  const within: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    after.push(await commit(false))
    within.push(await commit(true))
    showProgress('Rounds', round + 1, ROUNDS)
  }
  await db.$disconnect()
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
  const [own, peer] = [percentile(after, 0.5), percentile(within, 0.5)]
  report('publish: transactions that say one event', [
    { what: 'readers told after the commit', value: own, unit: 'transactions/s' },
    { what: 'NOTIFY in the transaction', value: peer, unit: 'transactions/s' },
    { what: 'times as many', value: own / peer, unit: '' },
  ])

  async function commit(isNotifying: boolean): Promise<number> {
    const begun = performance.now()
    let commits = 0
    await Promise.all(
      Array.from({ length: WRITERS }, async (_, writer) => {
        while (performance.now() - begun < ROUND_MS) {
          const event = { topic: 'users.bench-run.v1', key: `writer ${writer}`, payload: { commits } }
          await db.$transaction(async (tx) => {
            await publish(tx, [event])
            if (isNotifying) await tx.$executeRaw`SELECT pg_notify('outbox', current_schema())`
          }, PATIENCE)
          commits++
        }
      }),
    )
    return (1_000 * commits) / (performance.now() - begun)
  }
}
