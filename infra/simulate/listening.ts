import type { Chance } from '../demo/chance.ts'

/** One thing a player does, so long after it began. */
export interface Move {
  kind: 'START' | 'RESUME' | 'SEEK' | 'HEARTBEAT' | 'STALL' | 'PAUSE' | 'SKIP' | 'COMPLETE'
  afterMs: number
  positionMs: number
}

/** What somebody does with one recording, and how much of it sounded meanwhile: known from what was done, not from what is told of it. */
export interface Listening {
  moves: readonly Move[]
  heardMs: number
  lastsMs: number
}

export const HABITS = [
  'whole',
  'skips',
  'leaves',
  'short of it',
  'just enough',
  'pauses',
  'seeks',
  'stalls',
  'jumps',
  'fast',
  'slow',
] as const
export type Habit = (typeof HABITS)[number]

const HEARTBEAT_MS = 5_000

export function listen(habit: Habit, durationMs: number, chance: Chance): Listening {
  const hand = createHand(durationMs)
  const some = (low: number, high: number): number => Math.floor(chance.between(low, high))
  hand.say('START')
  switch (habit) {
    case 'whole':
      hand.play(durationMs)
      hand.say('COMPLETE')
      break
    case 'skips':
      hand.play(some(2_000, 29_000))
      hand.say('SKIP')
      break
    case 'leaves':
      hand.play(some(31_000, durationMs - 1_000))
      hand.say('SKIP')
      break
    case 'short of it':
      hand.play(29_999)
      hand.say('PAUSE')
      break
    case 'just enough':
      hand.play(30_000)
      hand.say('PAUSE')
      break
    case 'pauses':
      hand.play(some(6_000, 20_000))
      hand.say('PAUSE')
      hand.wait(some(5_000, 120_000))
      hand.say('RESUME')
      hand.play(some(5_000, 18_000))
      hand.say('SKIP')
      break
    case 'seeks': {
      hand.play(some(6_000, 12_000))
      hand.seek(some(20_000, 25_000))
      hand.play(some(6_000, 12_000))
      hand.say('PAUSE')
      hand.wait(1_000)
      hand.seek(some(0, 5_000))
      hand.wait(1_000)
      hand.say('RESUME')
      hand.play(some(6_000, 18_000))
      hand.say('SKIP')
      break
    }
    case 'stalls':
      hand.play(some(6_000, 18_000))
      hand.say('STALL')
      hand.wait(some(2_000, 20_000))
      hand.say('RESUME')
      hand.play(some(6_000, 18_000))
      hand.say('SKIP')
      break
    case 'jumps': // tells of the end after seconds
      hand.play(some(2_000, 4_000))
      hand.claim(durationMs)
      hand.say('COMPLETE')
      break
    case 'fast':
      hand.play(some(10_000, 19_000), 2)
      hand.say('SKIP')
      break
    case 'slow':
      hand.play(2 * some(10_000, 19_000), 0.5)
      hand.say('SKIP')
      break
  }
  return hand.done()
}

/** A finger on a player. No two moves at the same instant: which of them came first would be anybody's guess. */
function createHand(durationMs: number) {
  const moves: Move[] = []
  let [afterMs, positionMs, heardMs] = [0, 0, 0]
  const say = (kind: Move['kind']): void => {
    moves.push({ kind, afterMs, positionMs })
  }
  /** A minute is a minute however fast it is played, and slow music is less of it. */
  const sound = (ms: number, rate: number): void => {
    afterMs += ms
    positionMs += ms * rate
    heardMs += ms * Math.min(1, rate)
  }
  return {
    say,
    play(ms: number, rate = 1) {
      let left = Math.min(ms, Math.floor((durationMs - positionMs) / rate))
      for (; left > HEARTBEAT_MS; left -= HEARTBEAT_MS) {
        sound(HEARTBEAT_MS, rate)
        say('HEARTBEAT')
      }
      sound(left, rate)
    },
    wait(ms: number) {
      afterMs += ms
    },
    seek(to: number) {
      positionMs = to
      say('SEEK')
    },
    claim(to: number) {
      afterMs += 1_000
      heardMs += Math.min(1_000, to - positionMs)
      positionMs = to
    },
    done: (): Listening => ({ moves, heardMs, lastsMs: afterMs }),
  }
}
