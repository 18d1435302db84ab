import type { UserResolvers } from '../generated/graphql.ts'
import { spanOf } from '../services/listening-stats.ts'

export const User: UserResolvers = {
  __resolveReference: ({ id }) => ({ id }),
  history: ({ id }, args, { identity, history, moment }) => history.page(identity, id, args, moment),
  listeningSession: ({ id }, _, { identity, listening }) => listening.findOf(identity, id),
  player: ({ id }, _, { identity, players }) => players.find(identity, id),
  stats: ({ id }, { days }, { identity, moment }) => spanOf(identity, id, days, moment),
}
