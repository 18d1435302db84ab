import { type GraphQLSchema, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql'
import type { Fragments } from '../execute/selection.ts'

/** Of an object that is looked up: a type is in memory. */
const A_TYPE = 0.05

const ROOTS = new Set(['__schema', '__type'])

/** Each selection within is made of a good part of the schema's types, and none of it is looked up anywhere. */
export function costOfIntrospection(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: Fragments,
): number {
  const ofSelection = Object.keys(schema.getTypeMap()).length * A_TYPE

  const costOf = ({ selections }: SelectionSetNode, isInside: boolean): number => {
    let cost = 0
    for (const selection of selections) {
      const isField = selection.kind === Kind.FIELD
      const isWithin = isInside || (isField && ROOTS.has(selection.name.value))
      const { selectionSet } =
        (selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection) ?? {}
      if (isInside) cost += ofSelection
      if (selectionSet && (isWithin || !isField)) cost += costOf(selectionSet, isWithin)
    }
    return cost
  }
  return costOf(operation.selectionSet, false)
}
