import type { PlayableResolvers } from '../generated/graphql.ts'

export const Playable: PlayableResolvers = {
  __resolveType: ({ id }) => (id.startsWith('track_') ? 'Track' : 'Episode'),
}
