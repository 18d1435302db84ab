import { scalars } from '#shared/scalars.ts'
import type { Resolvers } from '../generated/graphql.ts'
import { Artist } from './artist.ts'
import { Query } from './query.ts'
import { RecommendationConnection, RecommendationEdge, RecommendationSeed } from './recommendation.ts'
import { Track } from './track.ts'

export const resolvers = {
  ...scalars,
  Artist,
  Query,
  RecommendationConnection,
  RecommendationEdge,
  RecommendationSeed,
  Track,
} satisfies Resolvers
