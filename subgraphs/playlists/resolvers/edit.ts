import type { PlaylistEditResolvers } from '../generated/graphql.ts'
import { summaryOf } from '../services/summary.ts'
import { personOf } from './person.ts'

export const PlaylistEdit: PlaylistEditResolvers = {
  actor: ({ actorId }) => personOf(actorId),
  summary: (edit) => summaryOf(edit),
}
