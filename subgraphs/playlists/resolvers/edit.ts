import type { PlaylistEditResolvers } from '../generated/graphql.ts'
import { summaryOf } from '../services/summary.ts'

export const PlaylistEdit: PlaylistEditResolvers = {
  actor: ({ actorId }) => ({ id: actorId }),
  summary: (edit) => summaryOf(edit),
}
