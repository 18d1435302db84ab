import type { DatedPlay } from './oracle.ts'

/** What becomes of a play when the month is closed, by the rules as the README of playback has them. */
export type Verdict =
  | 'BILLED'
  | 'UNDER_30_SECONDS'
  | 'BOT_SHARED_DEVICE'
  | 'BOT_HOURS'
  | 'BOT_LOOP'
  | 'REPEAT'

const LISTENERS_PER_DEVICE = 5
const HOURS_MS_PER_DAY = 20 * 3_600_000
const PLAYS_PER_DAY = 100
const REPEAT_MS = 10 * 60_000

/** One rule after the other over all plays in the order of their time. */
export function judge(plays: readonly DatedPlay[]): Map<string, Verdict> {
  const listeners = new Map<string, Set<string>>()
  const heard = new Map<string, number>()
  const looped = new Map<string, number>()
  const long = plays.filter(({ heardMs }) => heardMs >= 30_000)
  for (const play of long) {
    const { device, user, loop } = keysOf(play)
    listeners.set(device, (listeners.get(device) ?? new Set()).add(play.userId))
    heard.set(user, (heard.get(user) ?? 0) + play.heardMs)
    looped.set(loop, (looped.get(loop) ?? 0) + 1)
  }
  const billedAt = new Map<string, number>()
  const verdictOn = (play: DatedPlay): Verdict => {
    const { device, user, loop } = keysOf(play)
    if (play.heardMs < 30_000) return 'UNDER_30_SECONDS'
    if ((listeners.get(device)?.size ?? 0) > LISTENERS_PER_DEVICE) return 'BOT_SHARED_DEVICE'
    if ((heard.get(user) ?? 0) > HOURS_MS_PER_DAY) return 'BOT_HOURS'
    if ((looped.get(loop) ?? 0) > PLAYS_PER_DAY) return 'BOT_LOOP'
    const listening = `${play.userId} ${play.trackId}`
    if (play.startedAt < (billedAt.get(listening) ?? Number.NEGATIVE_INFINITY) + REPEAT_MS) return 'REPEAT'
    billedAt.set(listening, play.startedAt)
    return 'BILLED'
  }
  const inTurn = plays.toSorted(
    (one, other) => one.startedAt - other.startedAt || (one.playbackId < other.playbackId ? -1 : 1),
  )
  return new Map(inTurn.map((play) => [play.playbackId, verdictOn(play)]))
}

/** What a rule looks at within one day (UTC). */
function keysOf({ startedAt, deviceId, userId, trackId }: DatedPlay) {
  const day = new Date(startedAt).toISOString().slice(0, 10)
  return { device: `${day} ${deviceId}`, user: `${day} ${userId}`, loop: `${day} ${userId} ${trackId}` }
}
