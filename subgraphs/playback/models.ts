import type { QueueItem } from './services/queue.ts'

/** What `Track` and `Episode` are resolved from: a reference by id, or what a manifest provides. */
export interface PlayableSource {
  id: string
  title?: string
  durationMs?: number
}

/** What `Playability` and `Track.playCount` are resolved from: our copy of a track or an episode. */
export interface PlayabilityRow {
  id: string
  /** Null is everywhere, an empty list nowhere. */
  markets: string[] | null
  isComposable: boolean
  isRemoved: boolean
  hasAudio: boolean
  plays: number
}

/** What `Playability` says. */
export interface PlayabilitySource {
  allowed: boolean
  reason: 'MARKET' | 'NOT_READY' | 'TAKEN_DOWN' | null
}

/** What `QueueItem` is resolved from. */
export type QueueItemSource = QueueItem
