import type { DocumentNode, GraphQLSchema } from 'graphql'
import type { QueryPlan } from './execute/plan.ts'

/** Says which rooms answer an operation, and in which order. Whoever can say it in this form can take the place of Apollo's. */
export interface Planner {
  /** What clients see. */
  readonly apiSchema: GraphQLSchema
  /** The same with what only rooms see: types and fields that are `@inaccessible`. */
  readonly supergraphSchema: GraphQLSchema
  /** Plans a valid operation. Synchronous, and slow: whoever calls this remembers the outcome. */
  plan(document: DocumentNode, operationName: string | undefined): QueryPlan
}
