import type { CatalogTakedownResolvers } from '../generated/graphql.ts'

export const CatalogTakedown: CatalogTakedownResolvers = {
  target: ({ nodeId }, _, { nodes }) => nodes.load(nodeId),
  takenBy: ({ takenBy }) => ({ ref: takenBy }),
  restoredBy: ({ restoredBy }) => (restoredBy === null ? null : { ref: restoredBy }),
}
