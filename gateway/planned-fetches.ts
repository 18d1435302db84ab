import { AppError } from '#shared/errors.ts'
import type { PlanNode, QueryPlan } from './execute/plan.ts'
import type { Limits } from './limits.ts'

/** Refuses a plan that asks rooms more often than any page needs: QUERY_TOO_COMPLEX. */
export function enforceFetches({ node }: QueryPlan, { fetches }: Pick<Limits, 'fetches'>): void {
  if (countFetches(node) > fetches)
    throw new AppError('QUERY_TOO_COMPLEX', `The document needs more than ${fetches} requests to rooms`)
}

function countFetches(node: QueryPlan['node']): number {
  switch (node?.kind) {
    case 'Fetch':
      return 1
    case 'Flatten':
      return countFetches(node.node)
    case 'Sequence':
    case 'Parallel':
      return node.nodes.reduce((count, part: PlanNode) => count + countFetches(part), 0)
    case 'Condition':
      return countFetches(node.ifClause) + countFetches(node.elseClause)
    case 'Subscription':
      return 1 + countFetches(node.rest)
    default:
      return 0
  }
}
