import type { PlaybackStartResultResolvers } from '../generated/graphql.ts'

export const PlaybackStartResult: PlaybackStartResultResolvers = {
  __resolveType: (answer) => answer.__typename,
}
