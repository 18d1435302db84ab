import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import type { Aliases } from './aliases.ts'
import { type IsTrue, isIncluded } from './conditions.ts'
import type { Denials } from './denial.ts'

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>
export type IsSubtype = (condition: string, typename: string) => boolean

/** What the plan's closures want to know of types while they run. */
export interface Types {
  isSubtype: IsSubtype
  isAbstract(typename: string): boolean
}

export function fragmentsOf(document: DocumentNode): Fragments {
  const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
  return new Map(fragments.map((node) => [node.name.value, node]))
}

/** Whether an object of type `typename` is of type `condition`; an interface counts as a type of its own. */
export function createIsSubtype(schema: GraphQLSchema): IsSubtype {
  return (condition, typename) => {
    if (condition === typename) return true
    const abstract = schema.getType(condition)
    const type = schema.getType(typename)
    if (!isAbstractType(abstract) || !(isObjectType(type) || isInterfaceType(type))) return false
    return schema.isSubType(abstract, type)
  }
}

export function createTypes(schema: GraphQLSchema): Types {
  return {
    isSubtype: createIsSubtype(schema),
    isAbstract: (typename) => isAbstractType(schema.getType(typename)),
  }
}

/** The selection of an operation as seen by one object type. */
export interface Selector {
  isSubtype: IsSubtype
  fragments: Fragments
  isTrue: IsTrue
  aliases: Aliases
  denials?: Denials | undefined
}

/** The fields an object of type `typename` answers: by response name, in order, each with every node that asks for it. */
export function selectFields(
  selector: Selector,
  selectionSets: readonly SelectionSetNode[],
  typename: string,
): Map<string, FieldNode[]> {
  const fields = new Map<string, FieldNode[]>()
  const visited = new Set<string>()
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (!isIncluded(selection.directives, selector.isTrue)) continue
      if (selection.kind === Kind.FIELD) {
        const name = (selection.alias ?? selection.name).value
        const nodes = fields.get(name)
        if (nodes === undefined) fields.set(name, [selection])
        else nodes.push(selection)
        continue
      }
      if (selection.kind === Kind.FRAGMENT_SPREAD && visited.has(selection.name.value)) continue
      if (selection.kind === Kind.FRAGMENT_SPREAD) visited.add(selection.name.value)
      const fragment =
        selection.kind === Kind.FRAGMENT_SPREAD ? selector.fragments.get(selection.name.value) : selection
      const condition = fragment?.typeCondition?.name.value
      if (fragment === undefined) continue
      if (condition === undefined || selector.isSubtype(condition, typename)) collect(fragment.selectionSet)
    }
  }
  for (const selectionSet of selectionSets) collect(selectionSet)
  return fields
}
