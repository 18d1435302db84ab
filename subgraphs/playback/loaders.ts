import DataLoader from 'dataloader'
import type { SqlExecutor } from '#shared/database.ts'
import type { Identity } from '#shared/identity.ts'
import { createLoader } from '#shared/loader.ts'
import { createWindowLoaders, type WindowLoaders } from './analytics/window-reader.ts'
import type { PlayabilityRow, PlayabilitySource } from './models.ts'
import type { Listener } from './services/account.ts'
import { playabilityOf, readListener, readPlayability } from './services/playability.ts'
import { readQueue } from './services/player-store.ts'
import type { Queue } from './services/queue.ts'
import { type ResumePoint, readResumePoints } from './services/resume-points.ts'

export interface Loaders extends WindowLoaders {
  /** Nothing of this depends on who asks. */
  playabilityById: DataLoader<string, PlayabilityRow | null>
  queueByPlayerId: DataLoader<string, Queue>
  /** Of the one who asks. */
  resumePointByEpisodeId: DataLoader<string, ResumePoint | null>
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
    ...createWindowLoaders(db),
    playabilityById,
    queueByPlayerId: new DataLoader((ids) => Promise.all(ids.map((id) => readQueue(db, id)))),
    resumePointByEpisodeId: createLoader<ResumePoint>(
      async (ids) => (identity.userId === null ? [] : readResumePoints(db, identity.userId, ids)),
      (point) => point.episodeId,
    ),
    async playableFor(id) {
      listener ??= readListener(db, identity)
      const [row, who] = await Promise.all([playabilityById.load(id), listener])
      return row === null ? null : playabilityOf(row, who)
    },
  }
}
