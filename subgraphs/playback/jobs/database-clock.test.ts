import pino from 'pino'
import { expect, test } from 'vitest'
import type { SqlExecutor } from '#shared/database.ts'
import { openDatabaseClock } from './database-clock.ts'

const logger = pino({ level: 'silent' })

/** A database whose clock is so far from ours; an answer takes a little. */
const databaseAt = (ahead: () => number): SqlExecutor => ({
  $executeRaw: () => Promise.reject(new Error('Nothing is written')),
  $queryRaw: async <Rows>() => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    return [{ ms: Date.now() + ahead() }] as Rows
  },
})

test.each([-300_000, 0, 300_000])(
  'it is the time of the database, which is %i ms from ours',
  async (ahead) => {
    const clock = await openDatabaseClock(
      databaseAt(() => ahead),
      logger,
    )

    expect(Math.abs(clock.now() - Date.now() - ahead)).toBeLessThan(250)
  },
)

test('until the database answers it is our own', async () => {
  const broken = databaseAt(() => {
    throw new Error('It is away')
  })
  const clock = await openDatabaseClock(broken, logger)

  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(250)
  await clock.stop()
})
