import { Refusal } from '#shared/errors.ts'
import { isPlainText } from '#shared/text.ts'

export const MAX_IDS = 100
export const MAX_ITEMS = 10_000

const MAX_LENGTH = 64

/** The ids of an edit, 1 to 100 of them, each of which may or may not exist. */
export function requireIds(ids: readonly string[], field: string): readonly string[] {
  if (ids.length < 1 || ids.length > MAX_IDS)
    throw new Refusal('BAD_USER_INPUT', `An edit has 1 to ${MAX_IDS} ${field}, not ${ids.length}`, [field])
  const wrong = findWrong(ids, field, (id) => id.length > MAX_LENGTH || !isPlainText(id))
  if (wrong !== null) throw new Refusal('BAD_USER_INPUT', 'This is not an id', wrong.path)
  return ids
}

/** The first id that `isWrong`, with where it stands. */
export function findWrong(
  ids: readonly string[],
  field: string,
  isWrong: (id: string, index: number) => boolean,
): { id: string; path: string[] } | null {
  const index = ids.findIndex(isWrong)
  const id = ids[index]
  return id === undefined ? null : { id, path: [field, String(index)] }
}
