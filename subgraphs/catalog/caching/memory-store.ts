import { LRUCache } from 'lru-cache'
import { KEPT_SECONDS, type Kept, type RowStore } from './row-store.ts'

/** A row takes about so many bytes of memory for each character of its JSON, and an id that is kept has some of its own. */
const BYTES_A_CHARACTER = 3
const ENTRY_BYTES = 600

interface Entry {
  /** Told apart by number: an id that was evicted and asked for again has another entry. */
  leave: string
  values: ReadonlyMap<string, Kept>
  size: number
}

/** Rows in about so many bytes of this process's memory, those asked for longest ago given up first. */
export function createMemoryStore(bytes: number): RowStore {
  let entries = 0
  const kept = new LRUCache<string, Entry>({
    maxSize: Math.max(bytes, 1),
    sizeCalculation: ({ size }) => size,
    ttl: KEPT_SECONDS * 1_000,
    noUpdateTTL: true,
  })

  function entryOf(id: string): Entry {
    const known = kept.get(id)
    if (known !== undefined) return known
    const entry = { leave: String(entries++), values: new Map(), size: ENTRY_BYTES }
    kept.set(id, entry)
    return entry
  }

  return {
    async look(places) {
      return places.map(({ id, part }) => {
        const { leave, values } = entryOf(id)
        return { leave, value: values.get(part) }
      })
    },
    async keep(values) {
      for (const { id, part, leave, value } of values) {
        const entry = kept.get(id)
        if (entry === undefined || entry.leave !== leave) continue
        const size = entry.size + JSON.stringify(value).length * BYTES_A_CHARACTER
        kept.set(id, { leave, values: new Map([...entry.values, [part, value]]), size })
      }
    },
    async evict(ids) {
      if (ids === null) kept.clear()
      else for (const id of ids) kept.delete(id)
    },
    async close() {
      kept.clear()
    },
  }
}
