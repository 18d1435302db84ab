import { expect, test } from 'vitest'
import { createTestDatabase } from '#shared/testing/database.ts'
import { playHistories } from './play-histories.ts'
import { openStage } from './stage.ts'

const HISTORIES = 300
const LIMIT_MS = 20_000

test(`${HISTORIES} histories of 2 to 4 clients over bad connections: every view ends as the table, every edit happens once, undo restores`, async () => {
  await using database = await createTestDatabase()
  await using stage = await openStage(database.url, 2)
  const seed = Date.now() % 1_000_000_007

  const { played, applied, mishaps } = await playHistories(stage, {
    seed,
    count: HISTORIES,
    atOnce: 24,
    limitMs: LIMIT_MS,
  })

  process.stdout.write(`histories: ${played} of seed ${seed}\n`)
  expect(played).toBeGreaterThan(HISTORIES / 10) // however busy the machine is
  expect(applied).toBeGreaterThan(played)
  expect(Object.values(mishaps).reduce((sum, times) => sum + times)).toBeGreaterThan(played)
}, 120_000)
