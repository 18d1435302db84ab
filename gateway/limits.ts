import {
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import { AppError } from '#shared/errors.ts'

/** What the door accepts of one request. Every figure is the greatest that still passes. */
export interface Limits {
  readonly bodyBytes: number
  readonly tokens: number
  /** Levels of fields, counted through fragments. */
  readonly depth: number
  /** Selections once all fragments are spread: what the planner has to walk. */
  readonly selections: number
  readonly rootFields: number
  /** Names for one field, side by side. */
  readonly aliases: number
  /** Characters of an alias: every item of a list repeats it. */
  readonly aliasLength: number
  readonly directives: number
  /** Of the variables, as JSON text. */
  readonly variableBytes: number
  /** Objects and lists within one another in the variables, they themselves being the first. */
  readonly variableDepth: number
  /** Requests to rooms in the plan. */
  readonly fetches: number
  /** What planning may take, in milliseconds of CPU time. */
  readonly planningMs: number
  /** As `cost/` counts it. */
  readonly cost: number
  /** Fields of the answer, if its lists are as long as the cost has them. */
  readonly answerFields: number
  /** Items of a list that nothing is known of. */
  readonly listSize: number
  /** Items of a page whose size the client leaves open. */
  readonly pageSize: number
  /** Root fields that take a secret, and the units that a guess at it costs: one a document, by whatever name. */
  readonly credentials: ReadonlyMap<string, number>
}

/** GraphiQL's introspection query fits in, and every operation of the contract if it were twice what it is. */
export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 256 * 1024,
  tokens: 1_000,
  depth: 16,
  selections: 400,
  rootFields: 10,
  aliases: 15,
  aliasLength: 100,
  directives: 50,
  variableBytes: 64 * 1024,
  variableDepth: 8,
  fetches: 40,
  planningMs: 100,
  cost: 20_000,
  answerFields: 200_000,
  listSize: 10,
  pageSize: 20,
  credentials: new Map(),
}

/**
 * Refuses a document that is more than any honest client needs, before anything else is done with it: QUERY_TOO_COMPLEX. It
 * counts as if fragments were spread and stops at the limit, so a bomb of fragments, or a circle of them, is cheap to refuse.
 * Returns the units that its guess at a secret costs.
 */
export function enforceLimits(document: DocumentNode, limits: Limits): number {
  const fragments = new Map<string, FragmentDefinitionNode>()
  let directives = 0
  let selections = 0
  let roots = 0
  let guess: number | null = null

  const countDirectives = (nodes: readonly DirectiveNode[] = []): void => {
    directives += nodes.length
    if (directives > limits.directives) tooComplex(`more than ${limits.directives} directives`)
  }
  const countRoot = (name: string): void => {
    if (++roots > limits.rootFields) tooComplex(`more than ${limits.rootFields} root fields`)
    const units = limits.credentials.get(name)
    if (units === undefined) return
    if (guess !== null) tooComplex('more than one attempt to sign in')
    guess = units
  }
  const countAlias = (name: string, alias: string, aliases: Map<string, number>): void => {
    if (alias.length > limits.aliasLength)
      tooComplex(`an alias of more than ${limits.aliasLength} characters`)
    const count = (aliases.get(name) ?? 0) + 1
    if (count > limits.aliases) tooComplex(`more than ${limits.aliases} aliases of one field`)
    aliases.set(name, count)
  }

  const walk = (set: SelectionSetNode, depth: number, aliases: Map<string, number>): void => {
    if (depth > limits.depth) tooComplex(`more than ${limits.depth} levels`)
    for (const selection of set.selections) {
      if (++selections > limits.selections) tooComplex(`more than ${limits.selections} selections`)
      countDirectives(selection.directives)
      if (selection.kind === Kind.FIELD) {
        if (depth === 1) countRoot(selection.name.value)
        if (selection.alias) countAlias(selection.name.value, selection.alias.value, aliases)
        if (selection.selectionSet) walk(selection.selectionSet, depth + 1, new Map())
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        walk(selection.selectionSet, depth, aliases)
      } else {
        const fragment = fragments.get(selection.name.value)
        if (fragment) walk(fragment.selectionSet, depth, aliases)
      }
    }
  }

  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
    countDirectives(node.directives)
    if (node.kind !== Kind.OPERATION_DEFINITION) continue
    for (const variable of node.variableDefinitions ?? []) countDirectives(variable.directives)
  }
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue
    roots = 0
    walk(node.selectionSet, 1, new Map())
  }
  return guess ?? 0
}

/** Refuses variables that are larger or deeper than any input needs: QUERY_TOO_COMPLEX. */
export function enforceVariableLimits(variables: Readonly<Record<string, unknown>>, limits: Limits): void {
  if (isDeeper(variables, limits.variableDepth))
    throw new AppError('QUERY_TOO_COMPLEX', `The variables have more than ${limits.variableDepth} levels`)
  if (Buffer.byteLength(JSON.stringify(variables)) > limits.variableBytes)
    throw new AppError('QUERY_TOO_COMPLEX', `The variables have more than ${limits.variableBytes / 1024} KiB`)
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some((item) => isDeeper(item, depth - 1))
}

function tooComplex(what: string): never {
  throw new AppError('QUERY_TOO_COMPLEX', `The document has ${what}`)
}
