import { scalars } from '#shared/scalars.ts'
import type { Resolvers } from '../generated/graphql.ts'
import { PlaylistChange, PlaylistOp } from './change.ts'
import { PlaylistCover } from './cover.ts'
import { PlaylistEdit } from './edit.ts'
import { PlaylistFolder } from './folder.ts'
import { Mutation } from './mutation.ts'
import { Node } from './node.ts'
import {
  PlaylistCollaboratorRemovePayload,
  PlaylistCoverRemovePayload,
  PlaylistCreatePayload,
  PlaylistFolderCreatePayload,
  PlaylistFolderPutPayload,
  PlaylistFolderUpdatePayload,
  PlaylistFollowPayload,
  PlaylistInviteRevokePayload,
  PlaylistJoinPayload,
  PlaylistUpdatePayload,
} from './payload.ts'
import { Playlist, PlaylistCollaborator } from './playlist.ts'
import { PlaylistItem } from './playlist-item.ts'
import { PlaylistViewer } from './presence.ts'
import { Query } from './query.ts'
import { Album, Saveable, SavedAlbumEdge, SavedTrackEdge, Track } from './saved.ts'
import { PlaylistConnection, PlaylistEdge } from './shelf.ts'
import { Subscription } from './subscription.ts'
import { User } from './user.ts'

export const resolvers = {
  ...scalars,
  Album,
  Mutation,
  Node,
  Playlist,
  PlaylistChange,
  PlaylistCollaborator,
  PlaylistCollaboratorRemovePayload,
  PlaylistConnection,
  PlaylistCover,
  PlaylistCoverRemovePayload,
  PlaylistCreatePayload,
  PlaylistEdge,
  PlaylistEdit,
  PlaylistFolder,
  PlaylistFolderCreatePayload,
  PlaylistFolderPutPayload,
  PlaylistFolderUpdatePayload,
  PlaylistFollowPayload,
  PlaylistInviteRevokePayload,
  PlaylistItem,
  PlaylistJoinPayload,
  PlaylistOp,
  PlaylistUpdatePayload,
  PlaylistViewer,
  Query,
  Saveable,
  SavedAlbumEdge,
  SavedTrackEdge,
  Subscription,
  Track,
  User,
} satisfies Resolvers
