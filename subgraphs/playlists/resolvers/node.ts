import { isIdOf } from '#shared/id.ts'
import type { NodeResolvers } from '../generated/graphql.ts'

export const Node: NodeResolvers = {
  __resolveType: ({ id }) => {
    if (isIdOf('folder', id)) return 'PlaylistFolder'
    return isIdOf('item', id) ? 'PlaylistItem' : 'Playlist'
  },
}
