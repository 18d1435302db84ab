import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { derivedId } from '#shared/id.ts'
import { ROYALTY_TERMS } from '../config.ts'
import { createTestRoom, type Person, type TestRoom } from '../testing/playback-room.ts'
import { verdictsOn } from './verdicts.ts'

const HAS_FAKETIME = spawnSync('faketime', ['--version']).status === 0
const ROOM = fileURLToPath(new URL('../testing/skewed-room.ts', import.meta.url))
const MINUTE = 60_000

let playback: TestRoom
let petra: Person
let trackId: string

beforeAll(async () => {
  if (!HAS_FAKETIME) return
  playback = await createTestRoom()
  petra = await playback.addPerson('petra')
  trackId = await playback.addPlayable('Song')
})
afterAll(() => playback?.[Symbol.asyncDispose]())

/** A play of a minute that began so many minutes ago, told by a device whose clock is right to a room whose clock is off by `skew`. */
async function report(skew: string, minutesAgo: number): Promise<number> {
  const startedAt = Date.now() - minutesAgo * MINUTE
  const at = (ms: number): string => new Date(startedAt + ms).toISOString()
  const input = {
    ...{ deviceId: petra.deviceId, sentAt: new Date().toISOString() },
    plays: [
      {
        ...{ playId: `${skew} ${minutesAgo}`, trackId },
        events: [
          { eventId: `${minutesAgo} start`, kind: 'START', positionMs: 0, at: at(0) },
          { eventId: `${minutesAgo} end`, kind: 'PAUSE', positionMs: MINUTE, at: at(MINUTE) },
        ],
      },
    ],
  }
  const args = [
    ROOM,
    playback.databaseUrl,
    playback.home,
    JSON.stringify(petra.identity),
    JSON.stringify(input),
  ]
  const { stdout } = await promisify(execFile)(
    'faketime',
    ['-f', skew, process.execPath, '--import', 'tsx', ...args],
    {
      // biome-ignore lint/style/noProcessEnv: a child gets the environment of its parent
      env: { ...process.env, FAKETIME_DONT_FAKE_MONOTONIC: '1' },
    },
  )
  const { clock, report } = JSON.parse(stdout)
  expect(report).toEqual({ accepted: 2, rejected: [] })
  return clock - Date.now()
}

// Debian's faketime makes a process believe in another time; .ci/run installs it.
test.skipIf(!HAS_FAKETIME)(
  'rooms whose clocks are five minutes fast and slow bill what rooms with right clocks bill',
  { timeout: 120_000 },
  async () => {
    await playback.db.offlineDevice.create({
      data: {
        userId: petra.userId,
        deviceId: petra.deviceId,
        keyId: derivedId('key', 'k'),
        licensedAt: new Date(),
      },
    })
    await playback.db.offlineTrack.create({
      data: {
        ...{ userId: petra.userId, deviceId: petra.deviceId, trackId, quality: 'HIGH', revision: 1 },
        ...{ isRemoved: false, state: 'READY', dueAt: new Date() },
      },
    })

    // By their own clocks the first two would be 19 minutes apart, and the third before the second.
    const slow = await report('-5m', 40)
    const fast = await report('+5m', 31)
    await report('-5m', 29)
    expect([Math.round(fast / MINUTE), Math.round(slow / MINUTE)]).toEqual([5, -5])

    const [from, to] = [new Date(Date.now() - 60 * MINUTE), new Date()]
    const plays = await playback.db.$queryRaw<{ reason: string | null; started_at: Date }[]>`
      SELECT reason, started_at FROM (${verdictsOn({ terms: ROYALTY_TERMS, from, to })}) AS verdict
       ORDER BY started_at`
    expect(plays.map(({ reason }) => reason)).toEqual([null, 'REPEAT', null])
    const minutesAgo = plays.map(({ started_at }) => (Date.now() - started_at.getTime()) / MINUTE)
    for (const [index, minutes] of [40, 31, 29].entries())
      expect(Math.abs((minutesAgo[index] ?? 0) - minutes)).toBeLessThan(2)
  },
)
