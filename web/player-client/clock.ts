/** What plays, as the server told of it. */
export interface PlayerState {
  /** Of the player: another one while one listens together. */
  id: string
  revision: number
  playing: boolean
  /** At `at`, by the server's clock. */
  positionMs: number
  at: string
  rate: number
  repeat: 'OFF' | 'ONE' | 'ALL'
  shuffle: boolean
  device: { id: string; name: string | null } | null
  /** The device that took the stream from this one. */
  revokedBy: { id: string; name: string | null } | null
  current: QueueItem | null
  queue: { totalCount: number; nodes: (QueueItem | null)[] }
}

export interface QueueItem {
  queueItemId: string
  item: {
    __typename: 'Track' | 'Episode'
    id: string
    title: string | null
    durationMs: number | null
  } | null
}

/** Tells the server's time by the answers that came: no two clocks agree, and no answer comes at once. */
export interface ServerClock {
  /** An answer that said `at` has arrived now. */
  hear(at: string): void
  /** Milliseconds since the epoch, as the server has them. */
  now(): number
}

/**
 * Every answer says when it was made. What it took to come makes it look late and never early, so that the one which looks least late
 * is nearest to the truth: what is left is the shortest way of all, some milliseconds.
 */
export function createServerClock(localNow: () => number = Date.now): ServerClock {
  let behind = Number.POSITIVE_INFINITY
  return {
    hear(at) {
      behind = Math.min(behind, localNow() - Date.parse(at))
    },
    now: () => localNow() - (Number.isFinite(behind) ? behind : 0),
  }
}

/** Where a player is at `now` of the server's clock: it goes on by itself, up to the end of what it plays. */
export function positionAt(state: PlayerState, now: number): number {
  if (!state.playing) return state.positionMs
  const moved = state.positionMs + Math.max(0, now - Date.parse(state.at)) * state.rate
  return Math.min(moved, state.current?.item?.durationMs ?? moved)
}
