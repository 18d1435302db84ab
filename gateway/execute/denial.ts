import type { FieldNode, GraphQLCompositeType } from 'graphql'

/** Why a caller may not read something, as the client is told. */
export interface Denial {
  readonly message: string
  readonly code: string
}

/** What of an operation is not for its caller: nothing of it is written, whatever rooms answer. */
export interface Denials {
  /** Of an object of the type, all of it. */
  ofType(type: GraphQLCompositeType): Denial | undefined
  /** Of an object of the type, the field that the nodes select. */
  ofField(type: GraphQLCompositeType, nodes: readonly FieldNode[]): Denial | undefined
  /** Those nodes of a field that may select of it. */
  allowed(nodes: readonly FieldNode[]): readonly FieldNode[]
}
