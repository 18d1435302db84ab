import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HAS_KAFKA, startKafka, type TestKafka } from '#shared/testing/kafka.ts'
import { migrate } from '../../../prisma/migrate.ts'
import { startPostgres } from '../../standalone/postgres.ts'

/** Two rooms' tables, one that says and one that hears, and a Kafka between them. */
export interface LogHouse extends AsyncDisposable {
  databaseUrl: string
  kafka: TestKafka
}

export async function openLogHouse(): Promise<LogHouse> {
  if (!HAS_KAFKA) throw new Error('Kafka is not installed: .ci/run says how')
  const folder = await mkdtemp(join(tmpdir(), 'cadenza-bench-'))
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), password: 'bench' })
  const close = async (): Promise<void> => {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    for (const room of ['users', 'catalog'] as const) await migrate(room, postgres.url)
    const kafka = await startKafka()
    return {
      databaseUrl: postgres.url,
      kafka,
      async [Symbol.asyncDispose]() {
        await kafka[Symbol.asyncDispose]()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}
