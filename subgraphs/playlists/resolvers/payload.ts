import type {
  PlaylistCollaboratorRemovePayloadResolvers,
  PlaylistCoverRemovePayloadResolvers,
  PlaylistCreatePayloadResolvers,
  PlaylistFolderCreatePayloadResolvers,
  PlaylistFolderPutPayloadResolvers,
  PlaylistFolderUpdatePayloadResolvers,
  PlaylistFollowPayloadResolvers,
  PlaylistInviteRevokePayloadResolvers,
  PlaylistJoinPayloadResolvers,
  PlaylistUpdatePayloadResolvers,
} from '../generated/graphql.ts'

const showing = {
  playlist: ({ playlistId }, _, { loaders }) =>
    playlistId === null ? null : loaders.playlistById.load(playlistId),
} satisfies PlaylistCreatePayloadResolvers

export const PlaylistCreatePayload: PlaylistCreatePayloadResolvers = showing
export const PlaylistUpdatePayload: PlaylistUpdatePayloadResolvers = showing
export const PlaylistInviteRevokePayload: PlaylistInviteRevokePayloadResolvers = showing
export const PlaylistJoinPayload: PlaylistJoinPayloadResolvers = showing
export const PlaylistCollaboratorRemovePayload: PlaylistCollaboratorRemovePayloadResolvers = showing
export const PlaylistCoverRemovePayload: PlaylistCoverRemovePayloadResolvers = showing
export const PlaylistFollowPayload: PlaylistFollowPayloadResolvers = showing

const showingFolder = {
  folder: ({ folderId }, _, { loaders }) => (folderId === null ? null : loaders.folderById.load(folderId)),
} satisfies PlaylistFolderCreatePayloadResolvers

export const PlaylistFolderCreatePayload: PlaylistFolderCreatePayloadResolvers = showingFolder
export const PlaylistFolderUpdatePayload: PlaylistFolderUpdatePayloadResolvers = showingFolder
export const PlaylistFolderPutPayload: PlaylistFolderPutPayloadResolvers = showingFolder
