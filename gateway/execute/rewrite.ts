import type { RewriteRule } from './plan.ts'
import type { IsSubtype } from './selection.ts'
import { isTree, put, readOwn, type Tree } from './tree.ts'

/** Returns the value as the plan wants it. The one given is not touched: what changes is copied along the way. */
export type Rewrite = (value: unknown) => unknown

const FRAGMENT = '... on '

/** Compiles the planner's rewrites of what a room is sent or answers; they apply one after the other. */
export function createRewrite(
  rewrites: readonly RewriteRule[] | undefined,
  isSubtype: IsSubtype,
): Rewrite | null {
  if (rewrites === undefined || rewrites.length === 0) return null
  const steps = rewrites.map((rewrite) => createStep(rewrite, isSubtype))
  return (value) => steps.reduce((rewritten, step) => step(rewritten), value)
}

/** The names under which an answer's keys will stand: what a room calls `__alias_0` the client calls something else. */
export function renamesOf(rewrites: readonly RewriteRule[] | undefined): ReadonlyMap<string, string> {
  const renames = new Map<string, string>()
  for (const rewrite of rewrites ?? []) {
    const last = rewrite.path.at(-1)
    if (rewrite.kind === 'KeyRenamer' && last !== undefined) renames.set(last, rewrite.renameKeyTo)
  }
  return renames
}

function createStep(rewrite: RewriteRule, isSubtype: IsSubtype): Rewrite {
  const path = rewrite.path.slice(0, -1)
  const last = rewrite.path.at(-1)
  if (last === undefined) return (value) => value
  return (value) => rewriteAt(value, 0)

  function rewriteAt(value: unknown, depth: number): unknown {
    if (Array.isArray(value)) return value.map((item) => rewriteAt(item, depth))
    if (!isTree(value)) return value
    const step = path[depth]
    if (step === undefined) return rewriteTree(value, rewrite, last ?? '')
    if (step.startsWith(FRAGMENT)) {
      const typename = value['__typename']
      const isOfType = typeof typename !== 'string' || isSubtype(step.slice(FRAGMENT.length), typename)
      return isOfType ? rewriteAt(value, depth + 1) : value
    }
    const below = readOwn(value, step)
    const rewritten = rewriteAt(below, depth + 1)
    if (rewritten === below) return value
    const copy = { ...value }
    put(copy, step, rewritten)
    return copy
  }
}

function rewriteTree(tree: Tree, rewrite: RewriteRule, key: string): Tree {
  if (rewrite.kind === 'ValueSetter') {
    const copy = { ...tree }
    put(copy, key, rewrite.setValueTo)
    return copy
  }
  const value = readOwn(tree, key)
  if (value === undefined) return tree
  const { [key]: _, ...copy } = tree
  put(copy, rewrite.renameKeyTo, value)
  return copy
}
