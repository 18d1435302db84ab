import DataLoader from 'dataloader'

/**
 * A per-request loader over one batched read: restores the order of the keys and fills gaps with null, so that a missing
 * row and one the viewer may not see are the same.
 */
export function createLoader<Row>(
  findMany: (keys: readonly string[]) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
): DataLoader<string, Row | null> {
  return new DataLoader(async (keys) => {
    const rows = new Map((await findMany(keys)).map((row) => [keyOf(row), row]))
    return keys.map((key) => rows.get(key) ?? null)
  })
}

/** The same for lists: every key has its rows in the order the read returned them, or an empty list. */
export function createListLoader<Row>(
  findMany: (keys: readonly string[]) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
): DataLoader<string, Row[]> {
  return new DataLoader(async (keys) => {
    const lists = new Map<string, Row[]>(keys.map((key) => [key, []]))
    for (const row of await findMany(keys)) lists.get(keyOf(row))?.push(row)
    return keys.map((key) => lists.get(key) ?? [])
  })
}
