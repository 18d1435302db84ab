import { type DocumentNode, Kind, type OperationDefinitionNode, parse, type SelectionSetNode } from 'graphql'
import type { Route } from './places.ts'
import type { FetchNode } from './plan.ts'
import { renamesOf } from './rewrite.ts'
import { type Fragments, fragmentsOf } from './selection.ts'
import type { Keys } from './tree.ts'

/** What the fetches of a plan do to objects that are there already, by the way to them. */
export interface Writes {
  /** Objects below the route that more than one fetch answers: there, answers merge. */
  contested(route: Route): Keys | null
  /** Objects below the route that are written to at all, by a merge or as the target of a later fetch. */
  written(route: Route): Keys | null
}

interface Node {
  /** Fetches that answer an object at this place. */
  answers: Set<object>
  isTarget: boolean
  below: Map<string, Node>
}

/** Reads from the fetches' operations which places are written to twice; nothing of it is left to the request. */
export function createWrites(fetches: readonly { node: FetchNode; route: Route }[]): Writes {
  const root: Node = createNode()
  for (const fetch of fetches) {
    const target = nodeAt(root, fetch.route)
    target.isTarget = true
    const document = parse(fetch.node.operation, { noLocation: true })
    const renames = renamesOf(fetch.node.outputRewrites)
    const fragments = fragmentsOf(document)
    for (const selectionSet of rootsOf(document, fetch.node.requires !== undefined)) {
      addAnswers(target, selectionSet, { fetch, renames, fragments })
    }
  }
  const isContested = ({ answers }: Node): boolean => answers.size > 1
  return {
    contested: (route) => keysBelow(nodeAt(root, route), isContested),
    written: (route) => keysBelow(nodeAt(root, route), (node) => node.isTarget || isContested(node)),
  }
}

interface Origin {
  fetch: object
  renames: ReadonlyMap<string, string>
  fragments: Fragments
}

function addAnswers(node: Node, selectionSet: SelectionSetNode, origin: Origin): void {
  for (const selection of selectionSet.selections) {
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = origin.fragments.get(selection.name.value)
      if (fragment !== undefined) addAnswers(node, fragment.selectionSet, origin)
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      addAnswers(node, selection.selectionSet, origin)
    } else if (selection.selectionSet !== undefined) {
      const name = (selection.alias ?? selection.name).value
      for (const key of new Set([name, origin.renames.get(name) ?? name])) {
        const child = nodeAt(node, [key])
        child.answers.add(origin.fetch)
        addAnswers(child, selection.selectionSet, origin)
      }
    }
  }
}

/** The response names at the top of a fetch of the root. */
export function answeredKeys({ operation }: FetchNode): string[] {
  const document = parse(operation, { noLocation: true })
  const fragments = fragmentsOf(document)
  const keysOf = ({ selections }: SelectionSetNode): string[] =>
    selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [(selection.alias ?? selection.name).value]
      if (selection.kind === Kind.INLINE_FRAGMENT) return keysOf(selection.selectionSet)
      const fragment = fragments.get(selection.name.value)
      return fragment === undefined ? [] : keysOf(fragment.selectionSet)
    })
  return [...new Set(rootsOf(document, false).flatMap(keysOf))]
}

/** The selections that apply to a fetch's objects: those of `_entities`, or the operation's own. */
function rootsOf(document: DocumentNode, isOfEntities: boolean): SelectionSetNode[] {
  const operation = document.definitions.find(
    (node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION,
  )
  if (operation === undefined) return []
  if (!isOfEntities) return [operation.selectionSet]
  return operation.selectionSet.selections.flatMap((selection) =>
    selection.kind === Kind.FIELD ? (selection.selectionSet ?? []) : [],
  )
}

function createNode(): Node {
  return { answers: new Set(), isTarget: false, below: new Map() }
}

function nodeAt(from: Node, route: Route): Node {
  let node = from
  for (const key of route) {
    let next = node.below.get(key)
    if (next === undefined) {
      next = createNode()
      node.below.set(key, next)
    }
    node = next
  }
  return node
}

function keysBelow(node: Node, isKept: (node: Node) => boolean): Keys | null {
  const keys = new Map<string, Keys | null>()
  for (const [key, child] of node.below) {
    const below = keysBelow(child, isKept)
    if (below !== null || isKept(child)) keys.set(key, below)
  }
  return keys.size === 0 ? null : keys
}
