import { type DocumentNode, type FieldNode, getOperationAST, Kind, type SelectionSetNode } from 'graphql'
import { AppError } from '#shared/errors.ts'
import type { PlanNode, QueryPlan, SubscriptionNode } from '../execute/plan.ts'
import { renamesOf } from '../execute/rewrite.ts'
import { type Fragments, fragmentsOf } from '../execute/selection.ts'
import { answeredKeys } from '../execute/writes.ts'
import { responseName } from './response-name.ts'

/**
 * Refuses an operation with a field of the root that its plan asks nobody for. Apollo's planner leaves out, without a word, what
 * has no way to be answered: a field of an interface that no room can tell the types of.
 */
export function refuseUnanswered(
  { node }: QueryPlan,
  document: DocumentNode,
  operationName: string | undefined,
): void {
  const operation = getOperationAST(document, operationName)
  if (operation == null) return
  const answered = new Set(node === undefined ? [] : answeredBy(node))
  const lost = certainFields(operation.selectionSet, fragmentsOf(document)).find(
    (node) => !node.name.value.startsWith('__') && !answered.has(responseName(node)),
  )
  if (lost === undefined) return
  throw new AppError('GRAPHQL_VALIDATION_FAILED', `No room can answer ${lost.name.value} as it is selected`)
}

function answeredBy(node: PlanNode | SubscriptionNode): string[] {
  switch (node.kind) {
    case 'Fetch': {
      if (node.requires !== undefined) return []
      const renames = renamesOf(node.outputRewrites)
      return answeredKeys(node).map((key) => renames.get(key) ?? key)
    }
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap(answeredBy)
    case 'Condition':
      return [node.ifClause, node.elseClause].flatMap((clause) => (clause ? answeredBy(clause) : []))
    case 'Subscription':
      return answeredBy(node.primary)
    default:
      return []
  }
}

/** Fields that are asked for whatever the variables are. */
function certainFields({ selections }: SelectionSetNode, fragments: Fragments): FieldNode[] {
  return selections.flatMap((selection): FieldNode[] => {
    if (selection.directives !== undefined && selection.directives.length > 0) return []
    if (selection.kind === Kind.FIELD) return [selection]
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection
    return fragment === undefined ? [] : certainFields(fragment.selectionSet, fragments)
  })
}
