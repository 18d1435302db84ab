import type { PlaylistChangeResolvers, PlaylistOpResolvers } from '../generated/graphql.ts'
import { memberRoleIn } from '../services/head.ts'
import { personOf } from './person.ts'

export const PlaylistChange: PlaylistChangeResolvers = {
  actor: ({ actorId }) => personOf(actorId),
  playlist: ({ playlist }, _, { identity }) =>
    playlist && { ...playlist, memberRole: memberRoleIn(playlist, identity.userId) },
}

export const PlaylistOp: PlaylistOpResolvers = {
  __resolveType: ({ kind }) => kind,
}
