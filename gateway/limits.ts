import { type DocumentNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql'
import { AppError } from '#shared/errors.ts'

/** What the door accepts of one document. GraphiQL's introspection query and every operation of the contract fit well within. */
export const LIMITS = {
  bodyBytes: 256 * 1024,
  tokens: 2_000,
  depth: 15,
  /** Selections once all fragments are spread: what the planner has to walk. */
  selections: 600,
  rootFields: 15,
  /** Nodes that its pages can hold, multiplied along each path. */
  nodes: 20_100,
  /** signIn, signUp and the like: one guess at a password a request. */
  credentialFields: 1,
} as const

const CREDENTIAL_FIELDS = new Set(['signIn', 'signUp', 'sessionRefresh'])

/**
 * Refuses a document that would cost more than any honest client needs, before it is planned: QUERY_TOO_COMPLEX. Counts
 * selections as they are after spreading fragments, and stops counting at the limit, so a fragment bomb is cheap to refuse.
 */
export function enforceLimits(document: DocumentNode): void {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
  let selections = 0
  let credentials = 0
  let roots = 0

  const walk = (set: SelectionSetNode, depth: number): void => {
    if (depth > LIMITS.depth) tooComplex(`deeper than ${LIMITS.depth} levels`)
    for (const selection of set.selections) {
      if (++selections > LIMITS.selections) tooComplex(`more than ${LIMITS.selections} selections`)
      if (selection.kind === Kind.FIELD) {
        if (depth === 1 && ++roots > LIMITS.rootFields)
          tooComplex(`more than ${LIMITS.rootFields} root fields`)
        if (depth === 1 && CREDENTIAL_FIELDS.has(selection.name.value)) credentials++
        if (selection.selectionSet) walk(selection.selectionSet, depth + 1)
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        walk(selection.selectionSet, depth)
      } else {
        // Validation has refused cycles by now.
        const fragment = fragments.get(selection.name.value)
        if (fragment) walk(fragment.selectionSet, depth)
      }
    }
  }

  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue
    roots = 0
    walk(node.selectionSet, 1)
  }
  if (credentials > LIMITS.credentialFields) tooComplex('more than one attempt to sign in')
}

function tooComplex(what: string): never {
  throw new AppError('QUERY_TOO_COMPLEX', `The document has ${what}`)
}
