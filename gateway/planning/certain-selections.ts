import {
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  Kind,
  type SelectionSetNode,
  TypeInfo,
  TypeNameMetaFieldDef,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import { fragmentsOf } from '../execute/selection.ts'

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: TypeNameMetaFieldDef.name } }

/**
 * Selects `__typename` where it can be that nothing else is selected of an object. Apollo's planner leaves out what it has nothing
 * to ask of, and nobody learns whether there is such an object: `{ book { title @skip(if: $all) } }`.
 */
export function withCertainSelections(document: DocumentNode, schema: GraphQLSchema): DocumentNode {
  const fragments = fragmentsOf(document)
  const info = new TypeInfo(schema)
  return visit(
    document,
    visitWithTypeInfo(info, {
      Field: {
        leave(node) {
          const { selectionSet } = node
          const type = getNamedType(info.getType())
          if (selectionSet === undefined || !isCompositeType(type)) return undefined
          if (isCertain(selectionSet, possibleTypes(type.name) ?? [])) return undefined
          const selections = [TYPENAME, ...selectionSet.selections]
          return { ...node, selectionSet: { ...selectionSet, selections } }
        },
      },
    }),
  )

  /** Whether something is selected of objects of at least one of the types, whatever the variables are. */
  function isCertain({ selections }: SelectionSetNode, types: readonly string[]): boolean {
    return selections.some((selection) => {
      if (selection.directives !== undefined && selection.directives.length > 0) return false
      if (selection.kind === Kind.FIELD) return true
      const fragment =
        selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection
      if (fragment === undefined) return false
      const inside = possibleTypes(fragment.typeCondition?.name.value)
      const left = inside === undefined ? types : types.filter((type) => inside.includes(type))
      return left.length > 0 && isCertain(fragment.selectionSet, left)
    })
  }

  function possibleTypes(name: string | undefined): readonly string[] | undefined {
    const type = name === undefined ? undefined : schema.getType(name)
    if (isAbstractType(type)) return schema.getPossibleTypes(type).map((possible) => possible.name)
    return type && [type.name]
  }
}
