import { isIdOf } from '#shared/id.ts'
import type {
  RecommendationConnectionResolvers,
  RecommendationEdgeResolvers,
  RecommendationSeedResolvers,
} from '../generated/graphql.ts'

export const RecommendationConnection: RecommendationConnectionResolvers = { experiment: () => null }

export const RecommendationEdge: RecommendationEdgeResolvers = {
  score: ({ node }) => node.score,
  because: ({ node }) => node.because,
}

export const RecommendationSeed: RecommendationSeedResolvers = {
  __resolveType: ({ id }) => (isIdOf('artist', id) ? 'Artist' : 'Track'),
}
