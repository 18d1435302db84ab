import { nodeTypeOf } from '#shared/id.ts'
import type { NodeResolvers } from '../generated/graphql.ts'

export const Node: NodeResolvers = {
  __resolveType(node) {
    if ('ref' in node) return 'Playlist'
    const type = nodeTypeOf(node.id)
    return type === 'Device' || type === 'PrivacyJob' ? type : 'User'
  },
}
