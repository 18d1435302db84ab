import type { Queue } from './queue.ts'

export type RepeatMode = 'OFF' | 'ONE' | 'ALL'

/** What plays, as it was at an instant. `id` is a user's, or a listening session's. */
export interface Player {
  id: string
  /** Goes up with each change. */
  revision: number
  playing: boolean
  /** At `at` (ms of the server's clock); it moves on by `rate` while playing. */
  positionMs: number
  at: number
  rate: number
  repeat: RepeatMode
  /** Null while the queue is played as it was put together. */
  shuffleSeed: number | null
  contextId: string | null
  itemId: number | null
  playableId: string | null
  /** The id that the next item will have: none is given twice. */
  nextItemId: number
  /** Of what is chosen; null when nothing is, or when we have not heard of it. */
  durationMs: number | null
}

/** A player with all that is in it. */
export interface LoadedPlayer {
  player: Player
  queue: Queue
}

export function newPlayer(id: string, now: number): Player {
  return {
    id,
    revision: 0,
    playing: false,
    positionMs: 0,
    at: now,
    rate: 1,
    repeat: 'OFF',
    shuffleSeed: null,
    contextId: null,
    itemId: null,
    playableId: null,
    nextItemId: 1,
    durationMs: null,
  }
}

/** Where a player is at `now`: it goes on by itself, though not past the end, where it waits for somebody to say what is next. */
export function positionAt(player: Player, now: number): number {
  const { positionMs, at, rate, playing, durationMs } = player
  if (!playing) return positionMs
  const moved = Math.round(positionMs + Math.max(0, now - at) * rate)
  return durationMs === null ? moved : Math.min(moved, Math.max(durationMs, positionMs))
}

/** The same player, described as of `now`. */
export function settled(player: Player, now: number): Player {
  return { ...player, positionMs: positionAt(player, now), at: now }
}
