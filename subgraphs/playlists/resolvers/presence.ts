import type { PlaylistViewerResolvers } from '../generated/graphql.ts'

export const PlaylistViewer: PlaylistViewerResolvers = {
  user: ({ userId }) => ({ id: userId }),
}
