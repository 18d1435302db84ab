import type { PlaylistItemResolvers } from '../generated/graphql.ts'
import { personOf } from './person.ts'

export const PlaylistItem: PlaylistItemResolvers = {
  __resolveReference: (key, { loaders }) => loaders.itemById.load('id' in key ? key.id : key.ref),
  ref: ({ id }) => id,
  addedBy: ({ addedBy }) => personOf(addedBy),
  track: ({ trackId }) => ({ id: trackId }),
  placedBy: async ({ id }, _, { loaders }) => (await loaders.placingEdit.load(id))?.edit ?? null,
}
