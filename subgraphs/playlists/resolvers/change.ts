import type { PlaylistChangeResolvers, PlaylistOpResolvers } from '../generated/graphql.ts'
import { memberRoleIn } from '../services/head.ts'

export const PlaylistChange: PlaylistChangeResolvers = {
  actor: ({ actorId }) => (actorId === null ? null : { id: actorId }),
  playlist: ({ playlist }, _, { identity }) =>
    playlist && { ...playlist, memberRole: memberRoleIn(playlist, identity.userId) },
}

export const PlaylistOp: PlaylistOpResolvers = {
  __resolveType: ({ kind }) => kind,
}
