import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readConfig } from '#shared/config.ts'
import { roomAdapter } from '#shared/database.ts'
import { importSettings } from '../config.ts'
import { PrismaClient } from '../generated/prisma/client.ts'
import { ImportFault } from './import-fault.ts'

/** A database to be filled: Prisma for reads and writes, its address for those who need more. */
export interface Target {
  db: PrismaClient
  url: string
}

/**
 * The catalogue's database: the one DATABASE_URL names, else that of the Cadenza running on CADENZA_HOME. Throws an
 * ImportFault that says what to do when there is none, or it does not answer, or it has no catalogue.
 */
export async function openTarget(poolSize = 2): Promise<Target> {
  const url = await findUrl()
  const db = new PrismaClient({ adapter: roomAdapter(url, 'catalog', poolSize) })
  const { host } = new URL(url)
  try {
    const rows = await db.$queryRaw<{ isThere: boolean }[]>`
      SELECT to_regclass('catalog.search_document') IS NOT NULL AS "isThere"`
    if (rows[0]?.isThere === true) return { db, url }
  } catch (error) {
    await db.$disconnect()
    throw new ImportFault(
      `PostgreSQL at ${host} does not answer: start Cadenza (npm start), or set DATABASE_URL`,
      {
        cause: error,
      },
    )
  }
  await db.$disconnect()
  throw new ImportFault(`The database at ${host} has no catalogue yet: start Cadenza on it once`)
}

async function findUrl(): Promise<string> {
  const { DATABASE_URL, CADENZA_HOME } = readConfig(importSettings)
  if (DATABASE_URL !== undefined) return DATABASE_URL
  const file = join(CADENZA_HOME, 'run', 'database-url')
  const url = await readFile(file, 'utf8').catch(() => '')
  if (URL.canParse(url.trim())) return url.trim()
  throw new ImportFault(`No Cadenza runs on ${CADENZA_HOME}: start it (npm start), or set DATABASE_URL`)
}
