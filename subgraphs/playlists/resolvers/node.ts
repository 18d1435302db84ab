import { isIdOf } from '#shared/id.ts'
import type { NodeResolvers } from '../generated/graphql.ts'

export const Node: NodeResolvers = {
  __resolveType: ({ id }) => (isIdOf('item', id) ? 'PlaylistItem' : 'Playlist'),
}
