/** What has changed lately, by name, in the order in which it did: whatever was kept from before a change is stale. */
export interface Changes {
  /** The number of changes so far: what is read now is as new as that. */
  now(): number
  note(name: string): void
  /** Anything may have changed. */
  noteAll(): void
  /** Whether `name` has changed since there were `then` changes. Never no where the answer is not known any more. */
  hasChanged(name: string, then: number): boolean
}

const REMEMBERED = 10_000

export function createChanges(limit = REMEMBERED): Changes {
  const lastOf = new Map<string, number>()
  let count = 0
  /** Changes up to here are forgotten by name, so they count for every name. */
  let horizon = 0

  return {
    now: () => count,
    note(name) {
      lastOf.delete(name) // to the end of the line
      lastOf.set(name, ++count)
      if (lastOf.size <= limit) return
      const [oldest] = lastOf
      if (oldest === undefined) return
      lastOf.delete(oldest[0])
      horizon = oldest[1]
    },
    noteAll() {
      lastOf.clear()
      horizon = ++count
    },
    hasChanged: (name, then) => then < horizon || (lastOf.get(name) ?? 0) > then,
  }
}
