import { type Account, openDoor } from './account.ts'
import { checkPlayCounts, dateByHistory, readHistory, readPlayCounts } from './check.ts'
import type { Pace } from './clock.ts'
import type { TrackFacts } from './listener.ts'
import { type Answer, addUp, type DatedPlay } from './oracle.ts'
import { simulate } from './simulation.ts'
import { readTracks } from './tracks.ts'

export interface PlayOutOptions {
  url: string
  /** Null where nobody there is known to be one: then all listeners are FREE. */
  admin: { email: string; password: string } | null
  trackIds: readonly string[]
  seed: number
  listeners: number
  minutes: number
  maxEvents?: number
  pace: Pace
  tellEveryMs?: number
  /** Has the server's clock go on by another pace. Where it is left out, nothing is told a day late. */
  goOn?: (pace: Pace) => Promise<void>
  /** How long that may take: nothing is late until then. */
  goOnMs?: number
  onBegin?: () => void
  onProgress(events: number, minutes: number): void
  /** Called once when all is told that is not late. */
  onTold?(): Promise<void>
}

export interface PlayedOut {
  answer: Answer
  plays: DatedPlay[]
  tracks: readonly TrackFacts[]
  /** What is not as it has to be: histories, and counts of tracks. */
  differences: string[]
  /** Requests that were cut off, and made again. */
  repeats: number
  seconds: number
  /** An administrator where one is known, else somebody. Until `close`. */
  reader: Account
  close(): Promise<void>
}

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
/** Nearly a day: the rest is left for outages, since the server takes nothing that is older. */
const LATE_MS = DAY_MS - 210 * MINUTE_MS
const LATE_SHARE = 0.01
const REPEATED_SHARE = 0.1
/** More often than this would only make smaller reports. */
const TELL_EVERY_MS = 2_000
const SHUFFLED_MS = 10 * MINUTE_MS
/** The day after goes by faster: there is little in it. */
const LATE_SPEED = 60

/** Listeners play, all is told at last, and what the server says then is held against what was done. */
export async function playOut(options: PlayOutOptions): Promise<PlayedOut> {
  const { url, seed, pace, minutes, goOn } = options
  const begun = performance.now()
  const door = openDoor(url)
  const reader =
    options.admin === null
      ? await door.signUp({
          email: `reader-${Date.now()}@simulation.example`,
          displayName: 'Reader',
          country: 'US',
          device: { name: 'Reader', kind: 'OTHER' },
        })
      : await door.signIn(options.admin.email, options.admin.password)
  const tracks = await readTracks(reader, options.trackIds)
  const before = await readPlayCounts(reader, options.trackIds)
  const simulation = await simulate({
    ...{
      url,
      seed,
      listeners: options.listeners,
      minutes,
      maxEvents: options.maxEvents ?? Number.POSITIVE_INFINITY,
    },
    ...{ pace, tracks, admin: options.admin === null ? null : reader, onProgress: options.onProgress },
    tellEveryMs: options.tellEveryMs ?? TELL_EVERY_MS,
    onBegin: options.onBegin,
    disorder: {
      shuffledMs: Math.min(SHUFFLED_MS, (minutes * MINUTE_MS) / 4),
      repeated: REPEATED_SHARE,
      late: goOn === undefined ? 0 : LATE_SHARE,
      lateMs: LATE_MS,
    },
  })
  await options.onTold?.()
  if (goOn !== undefined) {
    const speed = Math.max(pace.speed, LATE_SPEED)
    const next = {
      base: simulation.beganAt + LATE_MS - speed * (options.goOnMs ?? 0),
      since: Date.now(),
      speed,
    }
    await goOn(next)
    await simulation.tellLate(next)
  }
  const differences: string[] = []
  const plays: DatedPlay[] = []
  for (const account of simulation.accounts) {
    const own = simulation.plays.filter(({ userId }) => userId === account.userId)
    const dated = dateByHistory(own, await readHistory(account))
    plays.push(...dated.dated)
    differences.push(...dated.differences)
  }
  const answer = addUp(seed, { accepted: simulation.accepted, sent: simulation.sent }, plays, tracks)
  differences.push(...(await checkPlayCounts(reader, answer, before)))
  const repeats = simulation.repeats()
  const seconds = (performance.now() - begun) / 1_000
  const close = async (): Promise<void> => {
    await Promise.all([simulation.close(), door.close()])
  }
  return { answer, plays, tracks, differences, repeats, seconds, reader, close }
}
