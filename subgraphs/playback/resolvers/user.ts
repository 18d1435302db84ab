import type { UserResolvers } from '../generated/graphql.ts'

export const User: UserResolvers = {
  __resolveReference: ({ id }) => ({ id }),
  listeningSession: ({ id }, _, { identity, listening }) => listening.findOf(identity, id),
  player: ({ id }, _, { identity, players }) => players.find(identity, id),
}
