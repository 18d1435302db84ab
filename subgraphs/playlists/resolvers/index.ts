import { scalars } from '#shared/scalars.ts'
import type { Resolvers } from '../generated/graphql.ts'
import { PlaylistChange, PlaylistOp } from './change.ts'
import { Mutation } from './mutation.ts'
import { Node } from './node.ts'
import {
  PlaylistCreatePayload,
  PlaylistFollowPayload,
  PlaylistJoinPayload,
  PlaylistUpdatePayload,
} from './payload.ts'
import { Playlist, PlaylistCollaborator } from './playlist.ts'
import { PlaylistItem } from './playlist-item.ts'
import { Query } from './query.ts'
import { Subscription } from './subscription.ts'
import { PlaylistConnection, PlaylistEdge, User } from './user.ts'

export const resolvers = {
  ...scalars,
  Mutation,
  Node,
  Playlist,
  PlaylistChange,
  PlaylistCollaborator,
  PlaylistConnection,
  PlaylistCreatePayload,
  PlaylistEdge,
  PlaylistFollowPayload,
  PlaylistItem,
  PlaylistJoinPayload,
  PlaylistOp,
  PlaylistUpdatePayload,
  Query,
  Subscription,
  User,
} satisfies Resolvers
