import { scalars } from '#shared/scalars.ts'
import type { Resolvers } from '../generated/graphql.ts'
import { Episode } from './episode.ts'
import { Mutation } from './mutation.ts'
import { PlaybackStartResult } from './playback-start-result.ts'
import { Query } from './query.ts'
import { Track } from './track.ts'
import { User } from './user.ts'

export const resolvers = {
  ...scalars,
  Episode,
  Mutation,
  PlaybackStartResult,
  Query,
  Track,
  User,
} satisfies Resolvers
