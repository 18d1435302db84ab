import { operationFromDocument, Supergraph } from '@apollo/federation-internals'
import { QueryPlanner } from '@apollo/query-planner'
import { createMending, type Plan } from '../../planning/mending.ts'
import type { Graph } from './graphs.ts'

const plans = new WeakMap<Graph, Plan>()

/** The planner of the door, for a graph that a test has composed. */
export function planOf(graph: Graph): Plan {
  const known = plans.get(graph)
  if (known !== undefined) return known
  const { sdl, mend } = createMending(graph.sdl)
  const internals = Supergraph.build(sdl)
  const api = internals.apiSchema()
  const planner = new QueryPlanner(internals)
  const plan = mend(
    (document, operationName) =>
      planner.buildQueryPlan(operationFromDocument(api, document, operationName ? { operationName } : {})),
    graph.apiSchema,
  )
  plans.set(graph, plan)
  return plan
}
