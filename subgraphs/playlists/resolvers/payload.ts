import type {
  PlaylistCreatePayloadResolvers,
  PlaylistFollowPayloadResolvers,
  PlaylistJoinPayloadResolvers,
  PlaylistUpdatePayloadResolvers,
} from '../generated/graphql.ts'

const showing = {
  playlist: ({ playlistId }, _, { loaders }) =>
    playlistId === null ? null : loaders.playlistById.load(playlistId),
} satisfies PlaylistCreatePayloadResolvers

export const PlaylistCreatePayload: PlaylistCreatePayloadResolvers = showing
export const PlaylistUpdatePayload: PlaylistUpdatePayloadResolvers = showing
export const PlaylistJoinPayload: PlaylistJoinPayloadResolvers = showing
export const PlaylistFollowPayload: PlaylistFollowPayloadResolvers = showing
