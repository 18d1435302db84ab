import type DataLoader from 'dataloader'
import type { SqlExecutor } from '#shared/database.ts'
import type { Identity } from '#shared/identity.ts'
import { createLoader } from '#shared/loader.ts'
import type { PlayabilityRow, PlayabilitySource } from './models.ts'
import type { Listener } from './services/account.ts'
import { playabilityOf, readListener, readPlayability } from './services/playability.ts'

export interface Loaders {
  /** Nothing of this depends on who asks. */
  playabilityById: DataLoader<string, PlayabilityRow | null>
  /** Whether the one who asks may play it; null for what we have not heard of. */
  playableFor(id: string): Promise<PlayabilitySource | null>
}

export function createLoaders(db: SqlExecutor, identity: Identity): Loaders {
  const playabilityById = createLoader<PlayabilityRow>(
    (ids) => readPlayability(db, ids),
    (row) => row.id,
  )
  let listener: Promise<Listener> | null = null

  return {
    playabilityById,
    async playableFor(id) {
      listener ??= readListener(db, identity)
      const [row, who] = await Promise.all([playabilityById.load(id), listener])
      return row === null ? null : playabilityOf(row, who)
    },
  }
}
