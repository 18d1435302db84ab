import type { PlayerStateResolvers } from '../generated/graphql.ts'
import { positionAt } from '../services/player.ts'
import { pageOfQueue } from '../services/queue-page.ts'

export const PlayerState: PlayerStateResolvers = {
  id: ({ player }) => player.id,
  revision: ({ player }) => player.revision,
  device: ({ deviceId }) => (deviceId === null ? null : { id: deviceId }),
  playing: ({ player }) => player.playing,
  // Answered as of now, so that a client needs no clock of ours to know where it is: it is there.
  positionMs: ({ player }, _, { moment }) => positionAt(player, moment),
  at: (_, __, { moment }) => new Date(moment),
  rate: ({ player }) => player.rate,
  repeat: ({ player }) => player.repeat,
  shuffle: ({ player }) => player.shuffleSeed !== null,
  contextId: ({ player }) => player.contextId,
  current: ({ player: { itemId, playableId } }) =>
    itemId === null || playableId === null ? null : { id: itemId, playableId },
  queue: async ({ player }, args, { loaders }) =>
    pageOfQueue(await loaders.queueByPlayerId.load(player.id), player.itemId, args),
  revokedBy: ({ revocations, viewerDeviceId }) => {
    const id = viewerDeviceId === null ? undefined : revocations[viewerDeviceId]
    return id === undefined ? null : { id }
  },
}
