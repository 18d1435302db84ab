import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { migrate } from '../../prisma/migrate.ts'
import { ROOMS } from '../../schema/supergraph.ts'
import { startPostgres } from '../standalone/postgres.ts'

/**
 * One real PostgreSQL for the whole run, in a folder of its own on a free port, with a template database that holds every
 * room's migrations: each test file copies it in some 50 ms.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'cadenza-test-'))
  const postgres = await startPostgres({
    folder: join(folder, 'postgres'),
    password: 'for-tests-on-loopback-only',
    isDurable: false,
    maxConnections: 400,
  })
  const clean = async (): Promise<void> => {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    for (const room of ROOMS) await migrate(room, postgres.url)
  } catch (error) {
    await clean()
    throw error
  }
  const admin = new pg.Client({ connectionString: postgres.url.replace(/\/cadenza$/, '/postgres') })
  await admin.connect()
  await admin.query('ALTER DATABASE cadenza RENAME TO cadenza_template')
  await admin.end()
  project.provide('postgresUrl', postgres.url.replace(/\/cadenza$/, ''))
  return clean
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Without a database name. */
    postgresUrl: string
  }
}
