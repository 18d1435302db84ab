import { type Chance, createChance } from '../demo/chance.ts'
import { HABITS, type Habit, type Listening, listen } from './listening.ts'

export interface TrackFacts {
  id: string
  durationMs: number
  albumId: string | null
  artistIds: readonly string[]
}

/** What one listener does next: waits, then plays something in one of their ways. */
export interface NextPlay {
  waitMs: number
  track: TrackFacts
  deviceIndex: number
  listening: Listening
}

export const MANNERS = ['ordinary', 'repeater', 'bot'] as const
export type Manner = (typeof MANNERS)[number]

/** Most listen as people do; some hear a thing again and again; bots hear 31 seconds of one track, all day. */
export interface Listener {
  manner: Manner
  country: string
  isPremium: boolean
  deviceKinds: readonly string[]
  /** Shares the device of all bots: many accounts, one device. */
  isOnFarm: boolean
  /** By how much their clock is wrong. */
  clockMs: number
  /** Loses the network for so long, every so often. */
  outage: { everyMs: number; forMs: number } | null
  chance: Chance
  next(): NextPlay
}

/** Where listeners are. */
export const COUNTRIES = ['US', 'SE', 'GB', 'DE', 'JP'] as const
const DEVICE_KINDS = ['PHONE', 'WEB', 'DESKTOP', 'SPEAKER', 'CAR', 'TABLET', 'TV'] as const
const CLOCK_MS = 5 * 60_000
const MINUTE_MS = 60_000

/** The n-th listener of a seed: what they do depends on seed and n alone. `tracks` are in the order of how often they are played. */
export function createListener(seed: number, n: number, tracks: readonly TrackFacts[]): Listener {
  const chance = createChance(`simulation ${seed} listener ${n}`)
  const draw = chance.next()
  const manner: Manner = draw < 0.82 ? 'ordinary' : draw < 0.9 ? 'repeater' : 'bot'
  const kinds = chance.next() < 0.2 ? 2 : 1
  const first = Math.floor(chance.between(0, DEVICE_KINDS.length))
  const favourite = pick()
  let again: TrackFacts | null = null

  /** Few are played much, and many seldom. */
  function pick(): TrackFacts {
    return tracks[Math.floor(tracks.length * chance.next() ** 2)] as TrackFacts
  }
  function ordinary(): [TrackFacts, Habit, number] {
    const waitMs = chance.next() < 0.1 ? chance.between(3, 20) * MINUTE_MS : chance.between(500, 8_000)
    return [pick(), chance.pick(HABITS), waitMs]
  }
  /** Within ten minutes of the last time mostly, and now and then just beyond them. */
  function repeating(): [TrackFacts, Habit, number] {
    const waitMs = chance.next() < 0.3 ? chance.between(9, 14) * MINUTE_MS : chance.between(1_000, 60_000)
    again = again === null || chance.next() < 0.3 ? pick() : again
    return [again, chance.next() < 0.8 ? 'whole' : 'skips', waitMs]
  }
  return {
    manner,
    country: chance.pick(COUNTRIES),
    isPremium: chance.next() < 0.4,
    deviceKinds: DEVICE_KINDS.slice(0, kinds).map(
      (_, k) => DEVICE_KINDS[(first + k) % DEVICE_KINDS.length] ?? '',
    ),
    isOnFarm: manner === 'bot' && chance.next() < 0.8,
    clockMs: Math.floor(chance.between(-CLOCK_MS, CLOCK_MS)),
    outage:
      chance.next() < 0.2
        ? { everyMs: chance.between(40, 90) * MINUTE_MS, forMs: chance.between(5, 30) * MINUTE_MS }
        : null,
    chance,
    next() {
      const [track, habit, waitMs] =
        manner === 'bot'
          ? ([favourite, 'just enough', 500] as const)
          : manner === 'repeater'
            ? repeating()
            : ordinary()
      const deviceIndex = Math.floor(chance.between(0, kinds))
      return { waitMs, track, deviceIndex, listening: listen(habit, track.durationMs, chance) }
    },
  }
}
