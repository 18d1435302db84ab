import {
  type DocumentNode,
  type FieldNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
  visit,
} from 'graphql'
import { type Fragments, fragmentsOf } from '../execute/selection.ts'
import { responseName } from './response-name.ts'
import { unusedName } from './unused-name.ts'

/**
 * Asks objects for their type that have conditions, as all have that is selected of them. The planner takes both for one: it does
 * not ask for an object of which all fields are skipped, and the answer could not say that it is there.
 */
export function withKeptObjects(document: DocumentNode): DocumentNode {
  const fragments = fragmentsOf(document)
  let kept: FieldNode | undefined
  return visit(document, {
    Field(node) {
      const { selectionSet } = node
      if (selectionSet === undefined || !hasCondition(node)) return undefined
      if (!isConditional(selectionSet, fragments)) return undefined
      kept ??= typenameOf(document)
      return { ...node, selectionSet: { ...selectionSet, selections: [...selectionSet.selections, kept] } }
    },
  })
}

function isConditional({ selections }: SelectionSetNode, fragments: Fragments): boolean {
  return selections.every((selection) => {
    if (hasCondition(selection)) return true
    if (selection.kind === Kind.FIELD) return false
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection
    return fragment !== undefined && isConditional(fragment.selectionSet, fragments)
  })
}

function hasCondition({ directives = [] }: SelectionNode): boolean {
  return directives.some(({ name }) => name.value === 'skip' || name.value === 'include')
}

/** The type under a name that the document does not have: bare, the planner would make it a part of the field beside it. */
function typenameOf(document: DocumentNode): FieldNode {
  const taken = new Set<string>()
  visit(document, {
    Field(node) {
      taken.add(responseName(node))
    },
  })
  const alias = { kind: Kind.NAME as const, value: unusedName('typename_', taken) }
  return { kind: Kind.FIELD, alias, name: { kind: Kind.NAME, value: TypeNameMetaFieldDef.name } }
}
