import { isIdOf } from '#shared/id.ts'
import type { Context } from '../context.ts'
import type {
  FollowedConnectionResolvers,
  FollowedEdgeResolvers,
  FollowedResolvers,
} from '../generated/graphql.ts'
import type { FollowedSource } from '../models.ts'

/** An artist is a key that the catalogue resolves; a user is ours, and null once gone. */
export function followedById(id: string, { loaders }: Context): Promise<FollowedSource | null> {
  return isIdOf('artist', id) ? Promise.resolve({ id }) : loaders.userById.load(id)
}

export const Followed: FollowedResolvers = {
  __resolveType: ({ id }) => (isIdOf('artist', id) ? 'Artist' : 'User'),
}

export const FollowedEdge: FollowedEdgeResolvers = {
  node: ({ node }, _, context) => followedById(node.subjectId, context),
}

export const FollowedConnection: FollowedConnectionResolvers = {
  nodes: ({ nodes }, _, context) =>
    Promise.all(nodes.map(({ subjectId }) => followedById(subjectId, context))),
}
