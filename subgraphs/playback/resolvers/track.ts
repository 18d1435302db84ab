import type { TrackResolvers } from '../generated/graphql.ts'

export const Track: TrackResolvers = {
  // Nothing here is secret, and what the catalogue knows before we do must not fail: the entity is its id, the rest is loaded.
  __resolveReference: ({ id }) => ({ id }),
  playCount: async ({ id }, _, { loaders }) => (await loaders.playabilityById.load(id))?.plays ?? null,
  playable: ({ id }, _, { loaders }) => loaders.playableFor(id),
}
