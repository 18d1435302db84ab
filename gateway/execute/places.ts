import type { ResponsePath } from './fault.ts'
import { isTree, readOwn, type Tree } from './tree.ts'

/** Response names from the root to objects of the answer; lists on the way are walked through. */
export type Route = readonly string[]

/** The objects at the end of a route, in order of occurrence. */
export function collect(root: Tree, route: Route): Tree[] {
  const found: Tree[] = []
  const walk = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null) return
    if (Array.isArray(value)) {
      for (const item of value) walk(item, depth)
      return
    }
    const tree = value as Tree
    const key = route[depth]
    if (key === undefined) found.push(tree)
    else walk(readOwn(tree, key), depth + 1)
  }
  walk(root, 0)
  return found
}

/**
 * The paths of the objects at the end of a route for which `isMeant`. An object that stands in several places has several
 * paths. Walked again for errors only: collecting keeps no paths.
 */
export function pathsTo(root: Tree, route: Route, isMeant: (tree: Tree) => boolean): ResponsePath[] {
  const found: ResponsePath[] = []
  const path: (string | number)[] = []
  const walk = (value: unknown, depth: number): void => {
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        path.push(index)
        walk(item, depth)
        path.pop()
      }
      return
    }
    if (!isTree(value)) return
    const key = route[depth]
    if (key === undefined) {
      if (isMeant(value)) found.push([...path])
      return
    }
    path.push(key)
    walk(readOwn(value, key), depth + 1)
    path.pop()
  }
  walk(root, 0)
  return found
}
