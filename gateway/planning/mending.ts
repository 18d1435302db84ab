import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, print } from 'graphql'
import type { PlanNode, QueryPlan } from '../execute/plan.ts'
import { withFreeNames } from './free-names.ts'
import { withKeptObjects } from './kept-objects.ts'
import { withResolvableKeysFirst } from './key-order.ts'
import { readNeeds } from './needs.ts'
import { orderedSequence } from './ordered-sequence.ts'
import { restoreArguments } from './restore-arguments.ts'
import { withSettledFragments } from './settled-fragments.ts'
import { createSplit } from './split-by-needs.ts'
import { withSpreadFragments } from './spread-fragments.ts'
import { withStandIns } from './stand-ins.ts'
import { refuseUnanswered } from './unanswered.ts'

export type Plan = (document: DocumentNode, operationName: string | undefined) => QueryPlan

/** What is done before and after Apollo's planner, so that its plans are right where they would not be. */
export interface Mending {
  /** The supergraph to plan with. */
  sdl: string
  /** Whether it has fields that clients are not to see. */
  hasStandIns: boolean
  /** @param apiSchema what clients see */
  mend(plan: Plan, apiSchema: GraphQLSchema): Plan
}

export function createMending(supergraphSdl: string): Mending {
  const ordered = withResolvableKeysFirst(parse(supergraphSdl, { noLocation: true }))
  const { supergraph, standIns } = withStandIns(ordered)
  const needs = readNeeds(supergraph)
  const split = createSplit(needs, standIns)

  return {
    sdl: print(supergraph),
    hasStandIns: standIns.size > 0,
    mend(plan, apiSchema) {
      const claimed = new Set([...needs.names, '__typename'])
      return (given, operationName) => {
        const settled = needs.isTypeBlind ? withSettledFragments(given, apiSchema) : given
        const { document, aliases } = withFreeNames(withKeptObjects(settled), claimed, needs.isTypeBlind)
        const { node } = planPossible(plan, document, operationName, apiSchema)
        const mended: QueryPlan = { ...(node && { node: mendRoot(node) }), aliases }
        refuseUnanswered(mended, document, operationName)
        return mended
      }
    },
  }

  function mendNode(node: PlanNode): PlanNode {
    switch (node.kind) {
      case 'Fetch': {
        const [first = node, ...others] = split(node).map((part) => restoreArguments(part, standIns))
        return others.length === 0 ? first : { kind: 'Parallel', nodes: [first, ...others] }
      }
      case 'Sequence':
        return { ...node, nodes: orderedSequence(node.nodes, needs).map(mendNode) }
      case 'Parallel':
        return { ...node, nodes: node.nodes.map(mendNode) }
      case 'Flatten':
        return { ...node, node: mendNode(node.node) }
      case 'Condition':
        return {
          ...node,
          ...(node.ifClause && { ifClause: mendNode(node.ifClause) }),
          ...(node.elseClause && { elseClause: mendNode(node.elseClause) }),
        }
      case 'Defer':
        return node
    }
  }

  function mendRoot(node: NonNullable<QueryPlan['node']>): NonNullable<QueryPlan['node']> {
    if (node.kind !== 'Subscription') return mendNode(node)
    const primary = restoreArguments(node.primary, standIns)
    return { ...node, primary, ...(node.rest && { rest: mendNode(node.rest) }) }
  }
}

/** Apollo's planner refuses a fragment of which nothing can be there: types that no object is of at once. Then it is not told of it. */
function planPossible(
  plan: Plan,
  document: DocumentNode,
  operationName: string | undefined,
  schema: GraphQLSchema,
): QueryPlan {
  try {
    return plan(document, operationName)
  } catch (error) {
    if (!(error instanceof GraphQLError) || !error.message.startsWith('Invalid empty selection set'))
      throw error
    return plan(withSettledFragments(withSpreadFragments(document), schema), operationName)
  }
}
