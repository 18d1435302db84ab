import type { ListeningSessionResolvers } from '../generated/graphql.ts'

export const ListeningSession: ListeningSessionResolvers = {
  host: ({ hostId }) => ({ id: hostId }),
  members: ({ memberIds }) => memberIds.map((id) => ({ id })),
  player: (_, __, { identity, players }) =>
    identity.userId === null ? null : players.find(identity, identity.userId),
}
