import { LRUCache } from 'lru-cache'
import { KEPT_SECONDS, type Kept, type RowStore } from './row-store.ts'

/** Characters of JSON, roughly: two to three times as many bytes of memory. */
const MOST_CHARACTERS = 30_000_000
const ENTRY_CHARACTERS = 200

interface Entry {
  /** Told apart by number: an id that was evicted and asked for again has another entry. */
  leave: string
  values: ReadonlyMap<string, Kept>
  size: number
}

/** Rows in the memory of this process, those asked for longest ago given up first. */
export function createMemoryStore(options: { characters?: number } = {}): RowStore {
  let entries = 0
  const kept = new LRUCache<string, Entry>({
    maxSize: options.characters ?? MOST_CHARACTERS,
    sizeCalculation: ({ size }) => size,
    ttl: KEPT_SECONDS * 1_000,
    noUpdateTTL: true,
  })

  function entryOf(id: string): Entry {
    const known = kept.get(id)
    if (known !== undefined) return known
    const entry = { leave: String(entries++), values: new Map(), size: ENTRY_CHARACTERS }
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
        const size = entry.size + JSON.stringify(value).length
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
