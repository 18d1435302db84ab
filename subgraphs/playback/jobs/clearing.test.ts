import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '#shared/telemetry.ts'
import { EVENTS_KEPT_MS, REPORT_LIMITS } from '../config.ts'
import { createTestRoom, type TestRoom } from '../testing/playback-room.ts'
import { createEventClearing } from './clearing.ts'

const HOUR_MS = 3_600_000

let playback: TestRoom

beforeAll(async () => {
  playback = await createTestRoom()
})
afterAll(() => playback[Symbol.asyncDispose]())

test('events go when none of their playback is taken any more, and not before', async () => {
  const { db, clock } = playback
  const clearing = createEventClearing(db, () => clock.now, createLogger('test', 'silent'))
  const received = new Date(clock.now - EVENTS_KEPT_MS - HOUR_MS)
  await db.$executeRaw`
    INSERT INTO playback_report SELECT 'old', n, ${received}::timestamptz - interval '1 ms', '[]' FROM generate_series(1, 12000) AS n`
  await db.$executeRaw`INSERT INTO playback_report VALUES ('young', 0, ${received}, '[]')`

  expect(await clearing.run()).toBe(12_000)
  expect(await db.playbackReport.findMany({ select: { playbackId: true } })).toEqual([
    { playbackId: 'young' },
  ])
  // An event may be dated a day ahead when it comes, and is refused a day after that date.
  expect(EVENTS_KEPT_MS).toBeGreaterThan(2 * REPORT_LIMITS.clockMs)
})
