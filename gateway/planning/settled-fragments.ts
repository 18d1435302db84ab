import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLSchema,
  getNamedType,
  type InlineFragmentNode,
  isAbstractType,
  isObjectType,
  Kind,
  TypeInfo,
  TypeNameMetaFieldDef,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import { fragmentsOf } from '../execute/selection.ts'

/** Says that there is an object, where there is nothing else to say. */
const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: TypeNameMetaFieldDef.name } }

/**
 * Settles what fragments within a concrete type come to: those of its interfaces hold, others never do. In a room that knows an
 * interface as an object, Apollo's planner fails where it cannot tell.
 */
export function withSettledFragments(document: DocumentNode, schema: GraphQLSchema): DocumentNode {
  const fragments = fragmentsOf(document)
  const info = new TypeInfo(schema)
  const settle = (
    node: InlineFragmentNode | FragmentSpreadNode,
    fragment: InlineFragmentNode | FragmentDefinitionNode | undefined,
  ): InlineFragmentNode | null | undefined => {
    const parent = getNamedType(info.getParentType())
    const condition = fragment?.typeCondition?.name.value
    if (fragment === undefined || condition === undefined || !isObjectType(parent)) return undefined
    const type = schema.getType(condition)
    const holds = type === parent || (isAbstractType(type) && schema.isSubType(type, parent))
    if (!holds) return null
    const { selectionSet } = fragment
    return { kind: Kind.INLINE_FRAGMENT, directives: node.directives ?? [], selectionSet }
  }
  return visit(
    document,
    visitWithTypeInfo(info, {
      FragmentSpread(node) {
        return settle(node, fragments.get(node.name.value))
      },
      InlineFragment: {
        enter: (node) => settle(node, node),
        leave: (node) => (node.selectionSet.selections.length === 0 ? null : undefined),
      },
      Field: {
        leave: (node) =>
          node.selectionSet?.selections.length === 0
            ? { ...node, selectionSet: { ...node.selectionSet, selections: [TYPENAME] } }
            : undefined,
      },
    }),
  )
}
