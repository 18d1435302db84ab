import {
  type DocumentNode,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  type OperationTypeNode,
} from 'graphql'
import { AppError } from '#shared/errors.ts'
import type { StopSignal } from '#shared/room.ts'
import type { Caller } from '../caller.ts'
import type { Trace } from '../trace.ts'
import { createAct } from './act.ts'
import { type Aliases, NO_ALIASES } from './aliases.ts'
import { clientPath } from './client-path.ts'
import { createCompletion, land } from './completion.ts'
import { conditionVariables, createConditions } from './conditions.ts'
import type { Denials } from './denial.ts'
import { type Fault, MAX_FAULTS, unexplained } from './fault.ts'
import { join } from './join.ts'
import type { FetchNode, QueryPlan } from './plan.ts'
import { createProjection } from './projection.ts'
import { createRootFetch } from './root-fetch.ts'
import type { CallRoom, RoomAnswer, Run } from './run.ts'
import { createIsSubtype, createTypes, fragmentsOf, type Selector } from './selection.ts'
import { fetchesOf, stepOf } from './step.ts'
import { createWrites } from './writes.ts'

export interface ExecuteRequest {
  /** Coerced already, or known to fit: a condition that is not a boolean counts as false. */
  variables: Record<string, unknown>
  caller: Caller
  signal?: StopSignal | undefined
  /** Where to tell what it took. */
  trace?: Trace | undefined
}

/** `data` is JSON text, null when a null reached the root. Errors are not masked; a `cause` on them is for the log alone. */
export interface Answer {
  data: string | null
  errors: GraphQLFormattedError[]
}

export interface PreparedOperation {
  kind: `${OperationTypeNode}`
  execute(request: ExecuteRequest): Promise<Answer>
  /** Only of a subscription: the room that owns the stream, its operation and the variables it takes. */
  primary: Primary | null
  /** The rest of the plan over one event of the primary. The event is only read, unless it says that it is nobody else's. */
  resolveEvent(event: RoomAnswer, request: ExecuteRequest): Promise<Answer>
}

export interface Primary {
  room: string
  operation: string
  operationName: string | undefined
  variableUsages: readonly string[]
}

export interface Executor {
  /** Does once what is the same for every request of an operation. Throws AppError for what is not executed here. */
  compile(
    plan: QueryPlan,
    document: DocumentNode,
    operationName: string | undefined,
    denials?: Denials,
  ): PreparedOperation
}

/** Executes query plans: rooms' answers are merged into one tree, and written as JSON text by the client's selection. */
export function createExecutor(
  supergraph: { apiSchema: GraphQLSchema; supergraphSchema: GraphQLSchema },
  call: CallRoom,
): Executor {
  const types = createTypes(supergraph.supergraphSchema)
  const isClientSubtype = createIsSubtype(supergraph.apiSchema)

  return {
    compile(plan, document, operationName, denials) {
      const operation = getOperationAST(document, operationName)
      if (operation == null) throw new AppError('BAD_USER_INPUT', 'There is no such operation')
      const subscription = plan.node?.kind === 'Subscription' ? plan.node : null
      const step = join(stepOf(plan))
      const fetches = fetchesOf(step)
      if (subscription !== null) fetches.push({ node: subscription.primary, route: [] })
      const writes = createWrites(fetches)
      const act = createAct(step, writes, types)
      const adoptEvent = subscription && createRootFetch(subscription.primary, [], writes, types.isSubtype)
      const conditionsOf = createConditions(operation)
      const project = createProjections(document, operation, plan.aliases ?? NO_ALIASES, denials)

      const begin = ({ variables, caller, signal, trace }: ExecuteRequest): Run => ({
        root: {},
        variables,
        caller,
        kind: operation.operation,
        signal,
        trace,
        isTrue: conditionsOf(variables),
        call,
        faults: [],
      })
      const finish = async (run: Run): Promise<Answer> => {
        await act(run)
        return project(run)
      }
      return {
        kind: operation.operation,
        primary: subscription && primaryOf(subscription.primary),
        async execute(request) {
          if (subscription !== null) throw new Error('A subscription is executed event by event')
          return finish(begin(request))
        },
        async resolveEvent(event, request) {
          if (adoptEvent === null) throw new Error('Only a subscription has events')
          const run = begin(request)
          await adoptEvent({ ...run, call: async () => ({ isShared: true, ...event }) })
          return finish(run)
        },
      }
    },
  }

  /** Compiles a projection for each assignment of the variables that `@skip` and `@include` ask for, when it first occurs. */
  function createProjections(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    aliases: Aliases,
    denials: Denials | undefined,
  ): (run: Run) => Answer {
    const fragments = fragmentsOf(document)
    const conditions = conditionVariables(document)
    const projections = new Map<string, Projection>()
    const projectionFor = ({ isTrue }: Run): Projection => {
      const assignment = conditions.map((name) => (isTrue(name) ? '1' : '0')).join('')
      let projection = projections.get(assignment)
      if (projection === undefined) {
        // The closures outlive the run: of its variables they keep the assignment.
        const truths = new Set(conditions.filter((_, index) => assignment[index] === '1'))
        const isTrue = (name: string): boolean => truths.has(name)
        const selector = { isSubtype: isClientSubtype, fragments, isTrue, aliases, denials }
        projection = { selector, write: createProjection(supergraph.apiSchema, operation, selector) }
        if (projections.size === MAX_PROJECTIONS) projections.clear()
        projections.set(assignment, projection)
      }
      return projection
    }
    const inClientNames = (fault: Fault, { selector }: Projection, { root }: Run): Fault =>
      fault.path === undefined
        ? fault
        : { ...fault, path: clientPath(supergraph.apiSchema, operation, selector, root, fault.path) }
    return (run) => {
      const projection = projectionFor(run)
      const completion = createCompletion(run.variables, false)
      const data = projection.write(run.root, completion) ?? null
      const faults =
        aliases.size === 0 ? run.faults : run.faults.map((fault) => inClientNames(fault, projection, run))
      if (!completion.isFaulty) return { data, errors: faults }
      const traced = createCompletion(run.variables, true)
      if (projection.write(run.root, traced) === undefined) land(traced)
      const violations = unexplained(traced.trail?.violations ?? [], faults)
      return { data, errors: [...faults, ...violations].slice(0, MAX_FAULTS) }
    }
  }
}

interface Projection {
  selector: Selector
  write: ReturnType<typeof createProjection>
}

/** Many conditions in one operation are many assignments: they are not all kept. */
const MAX_PROJECTIONS = 64

function primaryOf({ serviceName, operation, operationName, variableUsages = [] }: FetchNode): Primary {
  return { room: serviceName, operation, operationName, variableUsages }
}
