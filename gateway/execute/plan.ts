import type { Aliases } from './aliases.ts'

/** A plan: which rooms are asked what, and in which order. The form is that of Apollo's planner. */
export interface QueryPlan {
  node?: PlanNode | SubscriptionNode
  aliases?: Aliases
}

export type PlanNode = SequenceNode | ParallelNode | FetchNode | FlattenNode | DeferNode | ConditionNode

export interface SequenceNode {
  kind: 'Sequence'
  nodes: PlanNode[]
}

export interface ParallelNode {
  kind: 'Parallel'
  nodes: PlanNode[]
}

/** A stream of one room, and what the others add to each of its events. */
export interface SubscriptionNode {
  kind: 'Subscription'
  primary: FetchNode
  rest?: PlanNode
}

/** A request to one room: of a root field's, or with `requires` of entities that are in the answer already. */
export interface FetchNode {
  kind: 'Fetch'
  serviceName: string
  variableUsages?: string[]
  requires?: RequiredSelection[]
  /** Whether objects that lack something of `requires` are not asked about; else only the fragment is left out that has it. */
  needsAll?: boolean
  operation: string
  operationName: string | undefined
  inputRewrites?: RewriteRule[]
  outputRewrites?: RewriteRule[]
  contextRewrites?: unknown[]
  /** What is asked instead of objects that lack something of `requires`: as many of the same fields as can be had without it. */
  otherwise?: FetchNode[]
}

/** What is below stands at a path of the answer; `@` is every item of a list. */
export interface FlattenNode {
  kind: 'Flatten'
  path: (string | number)[]
  node: PlanNode
}

export interface DeferNode {
  kind: 'Defer'
  primary: object
  deferred: object[]
}

/** What is below depends on a variable of `@skip` or `@include`. */
export interface ConditionNode {
  kind: 'Condition'
  condition: string
  ifClause?: PlanNode
  elseClause?: PlanNode
}

/** A change to what goes to a room or comes from it, at a path of keys and types (`... on T`). */
export type RewriteRule =
  | { kind: 'ValueSetter'; path: string[]; setValueTo: unknown }
  | { kind: 'KeyRenamer'; path: string[]; renameKeyTo: string }

export type RequiredSelection = RequiredField | RequiredFragment

/** A field that stands under its alias in the answer, and goes to the room under its name. */
export interface RequiredField {
  readonly kind: 'Field'
  readonly alias?: string
  readonly name: string
  readonly selections?: RequiredSelection[]
}

export interface RequiredFragment {
  readonly kind: 'InlineFragment'
  readonly typeCondition?: string
  readonly selections: RequiredSelection[]
}
