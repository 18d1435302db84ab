import { type DocumentNode, type InlineFragmentNode, Kind, visit } from 'graphql'
import { fragmentsOf } from '../execute/selection.ts'

/** Writes fragments out where they are spread. A document within the limits is not much longer for it. */
export function withSpreadFragments(document: DocumentNode): DocumentNode {
  const fragments = fragmentsOf(document)
  return visit(document, {
    FragmentSpread(node): InlineFragmentNode | undefined {
      const fragment = fragments.get(node.name.value)
      if (fragment === undefined) return undefined
      const { typeCondition, selectionSet } = fragment
      return { kind: Kind.INLINE_FRAGMENT, typeCondition, directives: node.directives ?? [], selectionSet }
    },
    FragmentDefinition: { enter: () => null },
  })
}
