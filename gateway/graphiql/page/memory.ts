/** JSON kept by the browser under `cadenza:<key>`; anything unreadable counts as absent. */
export function recall<Value>(storage: Storage, key: string): Value | null {
  try {
    const text = storage.getItem(`cadenza:${key}`)
    return text === null ? null : (JSON.parse(text) as Value)
  } catch {
    return null
  }
}

/** Null forgets. A browser that refuses to store loses comfort, nothing else. */
export function remember(storage: Storage, key: string, value: unknown): void {
  try {
    if (value === null) storage.removeItem(`cadenza:${key}`)
    else storage.setItem(`cadenza:${key}`, JSON.stringify(value))
  } catch {
    // Private windows may have no room at all.
  }
}
