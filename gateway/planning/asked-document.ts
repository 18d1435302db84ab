import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  Kind,
  type NameNode,
  type SelectionSetNode,
  TypeInfo,
  TypeNameMetaFieldDef,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import { type Aliases, aliasKey } from '../execute/aliases.ts'

/** What the planner is asked instead of the client's document, and what is called otherwise in it. */
export interface AskedDocument {
  document: DocumentNode
  aliases: Aliases
}

/**
 * Makes a client's valid document into one that Apollo's planner plans as it is meant:
 *
 * - A field that a client calls by the name of another one, which plans ask for on their own account (`claimed`: of keys and
 *   `@requires`), gets a name nobody uses: the planner takes two fields of one name for one.
 * - Where it can be that nothing is selected of an object, `__typename` is: the planner leaves out what it has nothing to ask of,
 *   and nobody learns whether there is such an object.
 */
export function createAsk(
  schema: GraphQLSchema,
  claimed: ReadonlySet<string>,
): (document: DocumentNode) => AskedDocument {
  return (document) => {
    const aliases = new Map<string, string>()
    const fragments = new Map<string, FragmentDefinitionNode>()
    const names = new Set(claimed)
    visit(document, {
      Field({ alias, name }) {
        names.add((alias ?? name).value)
      },
      FragmentDefinition(node) {
        fragments.set(node.name.value, node)
      },
    })
    const info = new TypeInfo(schema)
    const asked = visit(
      document,
      visitWithTypeInfo(info, {
        Field: {
          leave(node) {
            const type = getNamedType(info.getType())
            const renamed = withFreeName(node)
            const { selectionSet } = renamed
            if (selectionSet === undefined || !isCompositeType(type)) return renamed
            if (isCertain(selectionSet, possibleTypes(type.name) ?? [])) return renamed
            return { ...renamed, selectionSet: withTypename(selectionSet) }
          },
        },
      }),
    )
    return { document: asked, aliases }

    function withFreeName(node: FieldNode): FieldNode {
      const { alias, name } = node
      if (alias === undefined || alias.value === name.value || !claimed.has(alias.value)) return node
      const key = aliasKey(alias.value, name.value)
      let free = aliases.get(key)
      if (free === undefined) {
        let number = 0
        while (names.has(`${alias.value}_${number}`)) number++
        free = `${alias.value}_${number}`
        names.add(free)
        aliases.set(key, free)
      }
      return { ...node, alias: { ...alias, value: free } }
    }

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
  }

  function possibleTypes(name: string | undefined): readonly string[] | undefined {
    const type = name === undefined ? undefined : schema.getType(name)
    if (isAbstractType(type)) return schema.getPossibleTypes(type).map((possible) => possible.name)
    return type && [type.name]
  }
}

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: name(TypeNameMetaFieldDef.name) }

function withTypename(selectionSet: SelectionSetNode): SelectionSetNode {
  return { ...selectionSet, selections: [TYPENAME, ...selectionSet.selections] }
}

function name(value: string): NameNode {
  return { kind: Kind.NAME, value }
}
