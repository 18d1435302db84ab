import { AppError } from '#shared/errors.ts'
import type { QueryPlan } from '../execute/plan.ts'
import type { Limits } from '../limits.ts'

/** Refuses what asks rooms more often than any page needs: QUERY_TOO_COMPLEX. */
export function enforceFetches(count: number, { fetches }: Pick<Limits, 'fetches'>): void {
  if (count > fetches)
    throw new AppError('QUERY_TOO_COMPLEX', `The document needs more than ${fetches} requests to rooms`)
}

/** The requests to rooms in a plan; those of both branches of a condition count. */
export function countFetches({ node }: QueryPlan): number {
  return countIn(node)
}

function countIn(node: QueryPlan['node']): number {
  switch (node?.kind) {
    case 'Fetch':
      return 1
    case 'Flatten':
      return countIn(node.node)
    case 'Sequence':
    case 'Parallel':
      return node.nodes.reduce((count, part) => count + countIn(part), 0)
    case 'Condition':
      return countIn(node.ifClause) + countIn(node.elseClause)
    case 'Subscription':
      return 1 + countIn(node.rest)
    default:
      return 0
  }
}
