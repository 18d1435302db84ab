import type { QueueItemResolvers } from '../generated/graphql.ts'

export const QueueItem: QueueItemResolvers = {
  queueItemId: ({ id }) => String(id),
  item: ({ playableId }) => ({ id: playableId }),
}
