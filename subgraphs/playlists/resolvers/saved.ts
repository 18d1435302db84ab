import { readPage } from '#shared/connection.ts'
import { isIdOf } from '#shared/id.ts'
import type { Context } from '../context.ts'
import type {
  AlbumResolvers,
  SaveableResolvers,
  SavedAlbumEdgeResolvers,
  SavedTrackEdgeResolvers,
  TrackResolvers,
} from '../generated/graphql.ts'
import type { SavedKind, SavedPage, SavedRow } from '../models.ts'
import { savedConnection, savedQuery } from '../services/saved.ts'

export const Track: TrackResolvers = {
  __resolveReference: ({ id }) => (isIdOf('track', id) ? { id } : null),
  viewerHasSaved: ({ id }, _, context) => hasSaved(id, context),
}

export const Album: AlbumResolvers = {
  __resolveReference: ({ id }) => (isIdOf('album', id) ? { id } : null),
  viewerHasSaved: ({ id }, _, context) => hasSaved(id, context),
}

export const Saveable: SaveableResolvers = {
  __resolveType: ({ id }) => (isIdOf('album', id) ? 'Album' : 'Track'),
}

const savedAt = ({ node: { since } }: { node: SavedRow }): Date => new Date(Number(since) / 1_000)

export const SavedTrackEdge: SavedTrackEdgeResolvers = { savedAt }
export const SavedAlbumEdge: SavedAlbumEdgeResolvers = { savedAt }

/** A page of what a person saved; null for anybody else. */
export async function pageOfSaved(
  userId: string,
  kind: SavedKind,
  args: { first?: number | null; after?: string | null },
  { identity, loaders }: Context,
): Promise<SavedPage | null> {
  if (userId !== identity.userId) return null
  const page = readPage(args)
  const [rows, library] = await Promise.all([
    loaders.savedPage.load(savedQuery(userId, kind, page)),
    loaders.library.load(userId),
  ])
  const { savedTracks = 0, savedAlbums = 0 } = library ?? {}
  return savedConnection(rows, page, kind === 'TRACK' ? savedTracks : savedAlbums)
}

async function hasSaved(id: string, { identity, loaders }: Context): Promise<boolean | null> {
  return identity.userId === null ? null : (await loaders.saved.load(id)) !== null
}
