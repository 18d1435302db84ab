import { AppError } from '#shared/errors.ts'
import type { Route } from './places.ts'
import type { FetchNode, PlanNode, QueryPlan } from './plan.ts'

/** Fetches of one room that travel together: entities of objects at the routes, or fields of the root's kind there. */
export interface Leg {
  node: FetchNode
  routes: Route[]
}

/** A plan as this executor sees it: every fetch knows the way to its objects. */
export type Step =
  | { kind: 'root'; node: FetchNode; route: Route }
  | { kind: 'entities'; room: string; legs: readonly Leg[] }
  | { kind: 'sequence' | 'parallel'; steps: readonly Step[] }
  | { kind: 'condition'; variable: string; ifTrue: Step; ifFalse: Step }

const NOTHING: Step = { kind: 'sequence', steps: [] }

/** Reads the planner's plan. Refuses what is not executed here: deferred parts, `@context`, and routes by type. */
export function toStep(node: PlanNode | undefined, route: Route = []): Step {
  switch (node?.kind) {
    case undefined:
      return NOTHING
    case 'Fetch':
      return fetchStep(node, route)
    case 'Flatten':
      return toStep(node.node, [...route, ...toRoute(node.path)])
    case 'Sequence':
    case 'Parallel':
      return {
        kind: node.kind === 'Sequence' ? 'sequence' : 'parallel',
        steps: node.nodes.map((child) => toStep(child, route)),
      }
    case 'Condition':
      return {
        kind: 'condition',
        variable: node.condition,
        ifTrue: toStep(node.ifClause, route),
        ifFalse: toStep(node.elseClause, route),
      }
    case 'Defer':
      throw new AppError('BAD_USER_INPUT', '@defer is not supported')
  }
}

function fetchStep(node: FetchNode, route: Route): Step {
  if (node.contextRewrites !== undefined && node.contextRewrites.length > 0) {
    throw new AppError('BAD_USER_INPUT', 'Fields with @fromContext arguments are not supported')
  }
  if (node.requires === undefined) return { kind: 'root', node, route }
  if (node.variableUsages?.includes('representations')) {
    throw new AppError('GRAPHQL_VALIDATION_FAILED', 'A variable may not be called $representations here')
  }
  return { kind: 'entities', room: node.serviceName, legs: [{ node, routes: [route] }] }
}

function toRoute(path: readonly (string | number)[]): Route {
  return path.flatMap((key) => {
    if (typeof key !== 'string' || key.includes('|')) throw new Error(`A route cannot pass ${key}`)
    return key === '@' ? [] : [key]
  })
}

/** Every fetch below a step, each with one of its routes. */
export function fetchesOf(step: Step): { node: FetchNode; route: Route }[] {
  switch (step.kind) {
    case 'root':
      return [step]
    case 'entities':
      return step.legs.flatMap(({ node, routes }) => routes.map((route) => ({ node, route })))
    case 'condition':
      return [...fetchesOf(step.ifTrue), ...fetchesOf(step.ifFalse)]
    default:
      return step.steps.flatMap(fetchesOf)
  }
}

/** The plan's way to its data; of a subscription the part that follows an event. */
export function stepOf(plan: QueryPlan): Step {
  return toStep(plan.node?.kind === 'Subscription' ? plan.node.rest : plan.node)
}
