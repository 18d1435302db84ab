import DataLoader from 'dataloader'
import { createListLoader, createLoader } from '#shared/loader.ts'
import type { PrismaClient } from './generated/prisma/client.ts'
import type { CollaboratorRow, ItemRow, RankedItemRow, SeenPlaylist, ShelfQuery, ShelfRow } from './models.ts'
import { findItemPages, findItems, type ItemsQuery } from './services/items.ts'
import { countShelves, findShelves } from './services/library.ts'
import { findCollaborators, findFollowed, findVisible, sumDurations } from './services/playlists.ts'

export interface Loaders {
  /** Null for missing, deleted and not the viewer's to see alike. */
  playlistById: DataLoader<string, SeenPlaylist | null>
  itemById: DataLoader<string, ItemRow | null>
  collaborators: DataLoader<string, CollaboratorRow[]>
  followed: DataLoader<string, { playlistId: string } | null>
  durationMs: DataLoader<string, { durationMs: bigint } | null>
  itemPage: DataLoader<ItemsQuery, RankedItemRow[], string>
  shelf: DataLoader<ShelfQuery, ShelfRow[], string>
  shelfCount: DataLoader<ShelfQuery, number, string>
}

/** Loaders for one request of one viewer, or one event of a subscription. */
export function createLoaders(db: PrismaClient, userId: string | null): Loaders {
  const playlistById = createLoader<SeenPlaylist>(
    (ids) => findVisible(db, userId, ids),
    (row) => row.id,
  )
  const findVisibleItems = async (ids: readonly string[]): Promise<ItemRow[]> => {
    const items = await findItems(db, ids)
    const playlists = await playlistById.loadMany(items.map((item) => item.playlistId))
    const visible = new Set(playlists.map((it) => (it === null || it instanceof Error ? '' : it.id)))
    return items.filter((item) => visible.has(item.playlistId))
  }
  const paged = <Query extends object, Answer>(read: (queries: readonly Query[]) => Promise<Answer[]>) =>
    new DataLoader<Query, Answer, string>(read, { cacheKeyFn: (query) => JSON.stringify(query) })

  return {
    playlistById,
    itemById: createLoader(findVisibleItems, (row) => row.id),
    collaborators: createListLoader(
      (ids) => findCollaborators(db, ids),
      (row) => row.playlistId,
    ),
    followed: createLoader(
      async (ids) => (userId === null ? [] : findFollowed(db, userId, ids)),
      (row) => row.playlistId,
    ),
    durationMs: createLoader(
      (ids) => sumDurations(db, ids),
      (row) => row.playlistId,
    ),
    itemPage: paged((queries) => findItemPages(db, queries)),
    shelf: paged((queries) => findShelves(db, queries)),
    shelfCount: paged((queries) => countShelves(db, queries)),
  }
}

/** Has everything read anew: what was read before an edit is no longer true after it. */
export function forget(loaders: Loaders): void {
  for (const loader of Object.values(loaders)) loader.clearAll()
}
