import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '#shared/telemetry.ts'
import { EVENTS_KEPT_MS, REPORT_LIMITS } from '../config.ts'
import { createTestRoom, type TestRoom } from '../testing/playback-room.ts'
import { createEventClearing } from './clearing.ts'

let playback: TestRoom

beforeAll(async () => {
  playback = await createTestRoom()
})
afterAll(() => playback[Symbol.asyncDispose]())

test('events go when no repeat of them would pass any more, and not before', async () => {
  const { db, clock } = playback
  const clearing = createEventClearing(db, () => clock.now, createLogger('test', 'silent'))
  const received = new Date(clock.now - EVENTS_KEPT_MS)
  await db.$executeRaw`
    INSERT INTO playback_event SELECT 'old', 'e' || n, 'HEARTBEAT', 0, now(), ${received}::timestamptz - interval '1 ms'
      FROM generate_series(1, 12000) AS n`
  await db.$executeRaw`INSERT INTO playback_event VALUES ('young', 'e', 'HEARTBEAT', 0, now(), ${received})`

  expect(await clearing.run()).toBe(12_000)
  expect(await db.playbackEvent.findMany({ select: { playbackId: true } })).toEqual([{ playbackId: 'young' }])
  // An event may be dated a day ahead when it comes, and is refused a day after that date.
  expect(EVENTS_KEPT_MS).toBeGreaterThan(2 * REPORT_LIMITS.clockMs)
})
