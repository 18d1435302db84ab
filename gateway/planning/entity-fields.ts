import {
  type DocumentNode,
  Kind,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  separateOperations,
  stripIgnoredCharacters,
  visit,
} from 'graphql'
import type { FetchNode } from '../execute/plan.ts'
import { type Fragments, fragmentsOf } from '../execute/selection.ts'

/** Says of a field of an entity, by the type it is selected on, whether it stays. */
export type Keep = (type: string, field: string) => boolean

const REPRESENTATIONS = 'representations'

/** The operation of a fetch of entities with some of the entities' fields only, and with nothing that these do not use. */
export function keepEntityFields(
  { operation, variableUsages = [] }: FetchNode,
  keep: Keep,
): Pick<FetchNode, 'operation' | 'variableUsages'> {
  const document = parse(operation, { noLocation: true })
  const fragments = fragmentsOf(document)
  const kept = visit(document, {
    OperationDefinition(node) {
      const selections = node.selectionSet.selections.map((selection) =>
        selection.kind === Kind.FIELD && selection.selectionSet !== undefined
          ? { ...selection, selectionSet: filter(selection.selectionSet, '', fragments, keep) }
          : selection,
      )
      return { ...node, selectionSet: { ...node.selectionSet, selections } }
    },
  })
  const [separate = kept] = Object.values(separateOperations(kept))
  const used = variablesOf(separate)
  const trimmed = visit(separate, {
    VariableDefinition({ variable }) {
      return used.has(variable.name.value) ? undefined : null
    },
  })
  return {
    operation: stripIgnoredCharacters(print(trimmed)),
    variableUsages: variableUsages.filter((name) => used.has(name)),
  }
}

/** The fields a fetch asks of entities, each with the type it is selected on. */
export function entityFields(fetch: FetchNode): { type: string; field: string }[] {
  const found: { type: string; field: string }[] = []
  keepEntityFields(fetch, (type, field) => found.push({ type, field }) > 0)
  return found
}

function filter(
  { kind, selections }: SelectionSetNode,
  type: string,
  fragments: Fragments,
  keep: Keep,
): SelectionSetNode {
  const kept = selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return keep(type, selection.name.value) ? [selection] : []
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value)
    if (fragment === undefined) return []
    const { typeCondition } = fragment
    const selectionSet = filter(fragment.selectionSet, typeCondition?.name.value ?? type, fragments, keep)
    if (selectionSet.selections.length === 0) return []
    const { directives = [] } = selection
    return [{ kind: Kind.INLINE_FRAGMENT, directives, selectionSet, ...(typeCondition && { typeCondition }) }]
  })
  return { kind, selections: kept }
}

function variablesOf(document: DocumentNode): Set<string> {
  const used = new Set<string>([REPRESENTATIONS])
  visit(document, {
    VariableDefinition() {
      return false
    },
    Variable({ name }) {
      used.add(name.value)
    },
  })
  return used
}
