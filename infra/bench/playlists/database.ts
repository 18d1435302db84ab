import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { migrate } from '../../../prisma/migrate.ts'
import { ROOMS } from '../../../schema/supergraph.ts'
import { startPostgres } from '../../standalone/postgres.ts'

export interface BenchDatabase extends AsyncDisposable {
  url: string
  /** A folder of this run's own, gone with it, or the one that was given. */
  folder: string
}

export interface DatabaseOptions {
  /** An acknowledged transaction survives a power cut, as it does for everybody. */
  isDurable: boolean
  /** pg_stat_statements counts. */
  countsStatements?: boolean
  /** Where the database stays, for the next run. */
  folder?: string | undefined
  /** Memory for pages; a home's own 64MB if left out. */
  sharedBuffers?: string
}

/** A PostgreSQL of the bench's own with every room's tables, empty. */
export async function openDatabase({
  isDurable,
  countsStatements = false,
  folder: kept,
  sharedBuffers,
}: DatabaseOptions): Promise<BenchDatabase> {
  const folder = kept ?? (await mkdtemp(join(tmpdir(), 'cadenza-bench-')))
  const options = { folder: join(folder, 'postgres'), password: 'bench', isDurable, sharedBuffers }
  let postgres = await startPostgres(options)
  if (countsStatements) {
    await query(postgres.url, "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
    await postgres.stop()
    postgres = await startPostgres(options)
    await query(postgres.url, 'CREATE EXTENSION IF NOT EXISTS pg_stat_statements')
  }
  for (const room of ROOMS) await migrate(room, postgres.url)
  return {
    url: postgres.url,
    folder,
    async [Symbol.asyncDispose]() {
      await postgres.stop()
      if (kept === undefined) await rm(folder, { recursive: true, force: true })
    },
  }
}

async function query(databaseUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(statement)
  await client.end()
}
