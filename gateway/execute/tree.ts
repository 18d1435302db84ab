/** An object of the answer under construction: a room's own, written to in place where the plan says so. */
export type Tree = Record<string, unknown> & { [ABSENT]?: true }

/** Keys of the answer below a place, lists left out; null where there are none. */
export interface Keys extends ReadonlyMap<string, Keys | null> {}

/**
 * Marks an object whose owner answered that there is no such thing. What is null in it for that reason is no fault: missing and
 * forbidden are to look the same, and neither is an error.
 */
export const ABSENT: unique symbol = Symbol('absent')

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether every object already has something under this name: then only an own property counts. */
export function isInherited(key: string): boolean {
  return key in Object.prototype
}

export function readOwn(source: Tree, key: string): unknown {
  return Object.hasOwn(source, key) ? source[key] : undefined
}

/** `target[key] = value`, also for the one key whose assignment would change the prototype instead. */
export function put(target: Tree, key: string, value: unknown): void {
  if (key !== '__proto__') target[key] = value
  else Object.defineProperty(target, key, { value, configurable: true, enumerable: true, writable: true })
}

/**
 * Gives the fields of `source` to `target`, in place. Only where two fetches of the plan answer the same object (`contested`)
 * is there anything to merge below; everywhere else the answer is adopted as it is.
 */
export function merge(target: Tree, source: Tree, contested: Keys | null): void {
  for (const key of Object.keys(source)) {
    const value = source[key]
    if (value === undefined) continue
    const below = contested?.get(key)
    if (below === undefined || !mergeInto(readOwn(target, key), value, below)) put(target, key, value)
  }
}

/** Gives the fields of `source` that `keys` names to `target`: what `merge` does where nothing is contested. */
export function give(target: Tree, source: Tree, keys: readonly string[]): void {
  for (const key of keys) {
    const value = source[key]
    if (value !== undefined) put(target, key, value)
  }
}

/** False when the value that stands has to give way to the new one. */
function mergeInto(standing: unknown, value: unknown, contested: Keys | null): boolean {
  if (standing === value) return true
  if (Array.isArray(standing) && Array.isArray(value) && standing.length === value.length) {
    for (const [index, item] of value.entries()) {
      if (!mergeInto(standing[index], item, contested)) standing[index] = item
    }
    return true
  }
  if (!isTree(standing) || !isTree(value)) return false
  merge(standing, value, contested)
  return true
}

/** The same value with objects and lists along `keys` of its own, so that writing there is seen by nobody else. */
export function own(value: unknown, keys: Keys | null): unknown {
  if (Array.isArray(value)) return value.map((item) => own(item, keys))
  return isTree(value) ? ownTree(value, keys) : value
}

function ownTree(tree: Tree, keys: Keys | null): Tree {
  const copy = { ...tree }
  if (keys === null) return copy
  for (const [key, below] of keys) {
    const value = readOwn(copy, key)
    if (typeof value === 'object' && value !== null) put(copy, key, own(value, below))
  }
  return copy
}

/** What is adopted of an answer is owned along `keys`; the answer's own object is only read, so it is not copied. */
export function ownBelow(answer: Tree, keys: Keys | null): Tree {
  return keys === null ? answer : ownTree(answer, keys)
}
