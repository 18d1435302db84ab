import { Kind, parse, type SelectionSetNode } from 'graphql'
import { type IsTrue, isIncluded } from './conditions.ts'
import type { FetchNode } from './plan.ts'
import { type Fragments, fragmentsOf } from './selection.ts'

/** Says whether a fetch of entities asks for anything, by its conditions; null when it always does. */
export function createIsAsked({ operation }: FetchNode): ((isTrue: IsTrue) => boolean) | null {
  if (!operation.includes('@')) return null
  const document = parse(operation, { noLocation: true })
  const fragments = fragmentsOf(document)
  const entities = document.definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION
      ? definition.selectionSet.selections.flatMap((selection) =>
          'selectionSet' in selection && selection.selectionSet ? [selection.selectionSet] : [],
        )
      : [],
  )
  return (isTrue) => entities.some((selectionSet) => selectsAny(selectionSet, fragments, isTrue))
}

function selectsAny({ selections }: SelectionSetNode, fragments: Fragments, isTrue: IsTrue): boolean {
  return selections.some((selection) => {
    if (!isIncluded(selection.directives, isTrue)) return false
    if (selection.kind === Kind.FIELD) return true
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection
    return fragment !== undefined && selectsAny(fragment.selectionSet, fragments, isTrue)
  })
}
