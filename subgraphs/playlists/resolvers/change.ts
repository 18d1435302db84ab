import type { PlaylistChangeResolvers, PlaylistOpResolvers } from '../generated/graphql.ts'

export const PlaylistChange: PlaylistChangeResolvers = {
  actor: ({ actorId }) => (actorId === null ? null : { id: actorId }),
}

export const PlaylistOp: PlaylistOpResolvers = {
  __resolveType: ({ kind }) => kind,
}
