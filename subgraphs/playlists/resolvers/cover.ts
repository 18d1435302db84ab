import type { Context } from '../context.ts'
import type { Artwork, PlaylistCoverResolvers } from '../generated/graphql.ts'

export const PlaylistCover: PlaylistCoverResolvers = {
  picture: ({ coverId }, _, context) => (coverId === null ? null : artworkOf(coverId, context)),
  mosaic: async ({ playlistId }, _, { loaders }) =>
    (await loaders.mosaic.load(playlistId)).map(({ albumId }) => ({ id: albumId })),
}

async function artworkOf(coverId: string, { loaders, covers }: Context): Promise<Artwork | null> {
  const cover = await loaders.cover.load(coverId)
  return cover && { url: covers.urlOf(cover.id), width: cover.width, height: cover.height }
}
