import DataLoader from 'dataloader'
import { createListLoader, createLoader } from '#shared/loader.ts'
import type { PrismaClient } from './generated/prisma/client.ts'
import type {
  CollaboratorRow,
  CoverRow,
  Edit,
  FolderRow,
  ItemRow,
  RankedItemRow,
  SavedRow,
  SeenPlaylist,
  ShelfQuery,
  ShelfRow,
} from './models.ts'
import { isMember } from './services/access.ts'
import { findCovers, findMosaics } from './services/covers.ts'
import { type EditsQuery, findEditPages, findPlacingEdits } from './services/edit-pages.ts'
import { findFolders, findOwnFolders } from './services/folders.ts'
import { findItemPages, findItems, type ItemsQuery } from './services/items.ts'
import { countShelves, findShelves } from './services/library.ts'
import type { LibraryRow } from './services/library-lock.ts'
import { findCollaborators, findFollowed, findVisible, sumDurations } from './services/playlists.ts'
import { findLibraries, findSaved, findSavedIds, type SavedQuery } from './services/saved.ts'

export interface Loaders {
  /** Null for missing, deleted and not the viewer's to see alike. */
  playlistById: DataLoader<string, SeenPlaylist | null>
  itemById: DataLoader<string, ItemRow | null>
  /** The viewer's own. */
  folderById: DataLoader<string, FolderRow | null>
  foldersOf: DataLoader<string, FolderRow[]>
  collaborators: DataLoader<string, CollaboratorRow[]>
  followed: DataLoader<string, { playlistId: string } | null>
  durationMs: DataLoader<string, { durationMs: bigint } | null>
  cover: DataLoader<string, CoverRow | null>
  mosaic: DataLoader<string, { albumId: string }[]>
  itemPage: DataLoader<ItemsQuery, RankedItemRow[], string>
  editPage: DataLoader<EditsQuery, Edit[], string>
  /** What put an item where it is; null for who is no member of its list. */
  placingEdit: DataLoader<string, { edit: Edit } | null>
  shelf: DataLoader<ShelfQuery, ShelfRow[], string>
  shelfCount: DataLoader<ShelfQuery, number, string>
  savedPage: DataLoader<SavedQuery, SavedRow[], string>
  library: DataLoader<string, LibraryRow | null>
  /** Whether the viewer has saved a track or an album. */
  saved: DataLoader<string, { id: string } | null>
}

/** Loaders for one request of one viewer, or one event of a subscription. */
export function createLoaders(db: PrismaClient, userId: string | null): Loaders {
  const playlistById = createLoader<SeenPlaylist>(
    (ids) => findVisible(db, userId, ids),
    (row) => row.id,
  )
  /** Those of `rows` whose list the viewer sees, and `isEnough` of it. */
  const withinSeen = async <Row extends { playlistId: string }>(
    rows: readonly Row[],
    isEnough: (playlist: SeenPlaylist) => boolean = () => true,
  ): Promise<Row[]> => {
    const playlists = await playlistById.loadMany(rows.map((row) => row.playlistId))
    return rows.filter((_, index) => {
      const playlist = playlists[index]
      return playlist != null && !(playlist instanceof Error) && isEnough(playlist)
    })
  }
  const paged = <Query extends object, Answer>(read: (queries: readonly Query[]) => Promise<Answer[]>) =>
    new DataLoader<Query, Answer, string>(read, { cacheKeyFn: (query) => JSON.stringify(query) })
  const ofViewer =
    <Row>(find: (userId: string, keys: readonly string[]) => Promise<Row[]>) =>
    async (keys: readonly string[]): Promise<Row[]> =>
      userId === null ? [] : find(userId, keys)

  return {
    playlistById,
    itemById: createLoader(
      async (ids) => withinSeen(await findItems(db, ids)),
      (row) => row.id,
    ),
    folderById: createLoader(
      ofViewer((viewer, ids) => findOwnFolders(db, viewer, ids)),
      (row) => row.id,
    ),
    foldersOf: createListLoader(
      (ids) => findFolders(db, ids),
      (row) => row.ownerId,
    ),
    collaborators: createListLoader(
      (ids) => findCollaborators(db, ids),
      (row) => row.playlistId,
    ),
    followed: createLoader(
      ofViewer((viewer, ids) => findFollowed(db, viewer, ids)),
      (row) => row.playlistId,
    ),
    durationMs: createLoader(
      (ids) => sumDurations(db, ids),
      (row) => row.playlistId,
    ),
    cover: createLoader(
      (ids) => findCovers(db, ids),
      (row) => row.id,
    ),
    mosaic: createListLoader(
      (ids) => findMosaics(db, ids),
      (row) => row.playlistId,
    ),
    itemPage: paged((queries) => findItemPages(db, queries)),
    editPage: paged((queries) => findEditPages(db, queries)),
    placingEdit: createLoader(
      async (ids) =>
        withinSeen(await findPlacingEdits(db, ids), (playlist) =>
          isMember(playlist, userId, playlist.memberRole),
        ),
      (row) => row.itemId,
    ),
    shelf: paged((queries) => findShelves(db, queries)),
    shelfCount: paged((queries) => countShelves(db, queries)),
    savedPage: paged((queries) => findSaved(db, queries)),
    library: createLoader(
      (ids) => findLibraries(db, ids),
      (row) => row.userId,
    ),
    saved: createLoader(
      ofViewer((viewer, ids) => findSavedIds(db, viewer, ids)),
      (row) => row.id,
    ),
  }
}

/** Has everything read anew: what was read before an edit is no longer true after it. */
export function forget(loaders: Loaders): void {
  for (const loader of Object.values(loaders)) loader.clearAll()
}
