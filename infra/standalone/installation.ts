import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readSecret } from '#shared/secrets.ts'
import { migrate } from '../../prisma/migrate.ts'
import { ROOMS } from '../../schema/supergraph.ts'
import { holdHome } from './home.ts'
import { startPostgres } from './postgres.ts'

export interface Installation {
  databaseUrl: string
  /** Resolves when the database of this installation has ended by itself. */
  databaseEnded: Promise<void>
  close(): Promise<void>
}

/**
 * Opens `home`: PostgreSQL with every room's tables up to date, of its own or the one at `databaseUrl`. Other commands find
 * the database through `<home>/run/database-url`, which only the owner can read.
 */
export async function openInstallation(home: string, databaseUrl: string | undefined): Promise<Installation> {
  await mkdir(home, { recursive: true })
  const letGo = await holdHome(home)
  try {
    const own =
      databaseUrl === undefined
        ? await startPostgres({
            folder: join(home, 'postgres'),
            password: await readSecret(home, 'postgres'),
          })
        : null
    const url = databaseUrl ?? (own?.url as string)
    const note = join(home, 'run', 'database-url')
    try {
      for (const room of ROOMS) await migrate(room, url)
      await writeFile(note, url, { mode: 0o600 })
    } catch (error) {
      await own?.stop()
      throw error
    }
    return {
      databaseUrl: url,
      databaseEnded: own?.ended ?? new Promise(() => undefined),
      async close() {
        await rm(note, { force: true })
        await own?.stop()
        await letGo()
      },
    }
  } catch (error) {
    await letGo()
    throw error
  }
}
