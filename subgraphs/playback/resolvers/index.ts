import { scalars } from '#shared/scalars.ts'
import type { Resolvers } from '../generated/graphql.ts'
import { Artist } from './artist.ts'
import { ArtistAnalytics } from './artist-analytics.ts'
import { Episode } from './episode.ts'
import { ListeningSession } from './listening-session.ts'
import { ListeningStats } from './listening-stats.ts'
import { Mutation } from './mutation.ts'
import { Playable } from './playable.ts'
import { PlaybackStartResult } from './playback-start-result.ts'
import { PlayerState } from './player-state.ts'
import { ArtistPlays, TrackPlays } from './plays-of.ts'
import { Query } from './query.ts'
import { QueueItem } from './queue-item.ts'
import { ArtistRoyalties, Payout, PayoutRecording, RightsHolder, RoyaltyStatement } from './royalties.ts'
import { Subscription } from './subscription.ts'
import { Track } from './track.ts'
import { User } from './user.ts'

export const resolvers = {
  ...scalars,
  Artist,
  ArtistAnalytics,
  ArtistPlays,
  ArtistRoyalties,
  Episode,
  ListeningSession,
  ListeningStats,
  Mutation,
  Payout,
  PayoutRecording,
  Playable,
  PlaybackStartResult,
  PlayerState,
  Query,
  QueueItem,
  RightsHolder,
  RoyaltyStatement,
  Subscription,
  Track,
  TrackPlays,
  User,
} satisfies Resolvers
