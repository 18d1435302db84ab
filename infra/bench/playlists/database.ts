import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '../../../prisma/migrate.ts'
import { ROOMS } from '../../../schema/supergraph.ts'
import { startPostgres } from '../../standalone/postgres.ts'

export interface BenchDatabase extends AsyncDisposable {
  url: string
  /** A folder of this run's own, gone with it. */
  folder: string
}

/** A PostgreSQL of the bench's own with every room's tables, empty. */
export async function openDatabase(isDurable: boolean): Promise<BenchDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'cadenza-bench-'))
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), password: 'bench', isDurable })
  for (const room of ROOMS) await migrate(room, postgres.url)
  return {
    url: postgres.url,
    folder,
    async [Symbol.asyncDispose]() {
      await postgres.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
