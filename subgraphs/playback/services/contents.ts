import type { SqlExecutor } from '#shared/database.ts'
import { Refusal } from '#shared/errors.ts'
import { nodeTypeOf } from '#shared/id.ts'

/** What can be played of what was named, in that order. One that is not there is NOT_FOUND, and nothing else is looked at. */
export async function readContents(
  db: SqlExecutor,
  ids: readonly string[],
  field: string[],
): Promise<string[]> {
  const ours = ids.filter((id) => ['Track', 'Episode'].includes(nodeTypeOf(id) ?? ''))
  const rows = await db.$queryRaw<{ id: string }[]>`SELECT id FROM playable WHERE id = ANY (${ours}::text[])`
  const known = new Set(rows.map(({ id }) => id))
  const missing = ids.findIndex((id) => !known.has(id))
  if (missing >= 0)
    throw new Refusal('NOT_FOUND', 'There is nothing to play under this id', [...field, String(missing)])
  return [...ids]
}
