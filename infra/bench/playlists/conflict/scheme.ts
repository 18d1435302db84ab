import type { Chance } from '../../../../gateway/execute/testing/chance.ts'
import type { Intent, Item } from './intent.ts'

/** A way of keeping one list that several people edit. */
export interface Scheme {
  list(): readonly Item[]
  /** The way of somebody who sees the list as it is now to edit it later. Returns what was done. */
  look(): (intent: Intent) => Effect
}

/** As the author is told it: refused with a reason, or acknowledged. */
export interface Effect {
  isRefused: boolean
  /** What was added, removed or moved; null when nothing happened. */
  item: Item | null
}

export type CreateScheme = (start: readonly Item[], chance: Chance) => Scheme
