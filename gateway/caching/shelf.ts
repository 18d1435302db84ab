import { LRUCache } from 'lru-cache'
import type { Changes } from './changes.ts'

/**
 * Keeps values until their time is over, what they are about changes, or others need the memory. A subject may have many
 * aspects: what one entity is in different selections, or to callers who see it differently.
 */
export interface Shelf<Value> {
  get(subject: string, aspect: string): Value | undefined
  put(subject: string, aspect: string, value: Value, terms: Terms): void
}

export interface Terms {
  /** How long it may be kept. */
  seconds: number
  /** The memory it holds. */
  bytes: number
  /** Names of what it is about, as the changes know them. */
  about: readonly string[]
  /** How many changes there had been when it was asked for: one that came while it was on its way makes it stale as well. */
  asOf: number
}

interface Kept<Value> extends Omit<Terms, 'seconds'> {
  value: Value
  expiresAt: number
}

interface Slot<Value> {
  aspects: Map<string, Kept<Value>>
  bytes: number
}

/** What an aspect holds beside its value. */
const OVERHEAD = 250

/** At most `limit` bytes, estimated, and no subject of more than an eighth of that; what was not asked for longest goes first. */
export function createShelf<Value extends object>(
  limit: number,
  changes: Changes,
  onSize: (bytes: number) => void = () => undefined,
): Shelf<Value> {
  const slots = new LRUCache<string, Slot<Value>>({ maxSize: limit, maxEntrySize: Math.floor(limit / 8) })

  const store = (subject: string, aspects: Slot<Value>['aspects'], bytes: number): void => {
    if (aspects.size === 0) slots.delete(subject)
    else slots.set(subject, { aspects, bytes }, { size: subject.length + bytes })
    onSize(slots.calculatedSize)
  }

  return {
    get(subject, aspect) {
      const slot = slots.get(subject)
      const entry = slot?.aspects.get(aspect)
      if (slot === undefined || entry === undefined) return undefined
      const now = changes.now()
      const isStale =
        entry.expiresAt <= performance.now() ||
        (entry.asOf < now && entry.about.some((name) => changes.hasChanged(name, entry.asOf)))
      if (isStale) {
        slot.aspects.delete(aspect)
        store(subject, slot.aspects, slot.bytes - entry.bytes)
        return undefined
      }
      entry.asOf = now
      return entry.value
    },

    put(subject, aspect, value, { seconds, about, asOf, ...terms }) {
      const { aspects, bytes: standing } = slots.peek(subject) ?? { aspects: new Map(), bytes: 0 }
      const before = aspects.get(aspect)?.bytes ?? 0
      const bytes = aspect.length + terms.bytes + OVERHEAD
      const expiresAt = performance.now() + seconds * 1_000
      aspects.set(aspect, { value, expiresAt, about, asOf, bytes })
      store(subject, aspects, standing - before + bytes)
    },
  }
}
