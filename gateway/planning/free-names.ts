import { type DocumentNode, type FieldNode, Kind, visit } from 'graphql'
import { type Aliases, aliasKey } from '../execute/aliases.ts'
import { responseName } from './response-name.ts'
import { unusedName } from './unused-name.ts'

/**
 * Gives fields names that nobody uses, where the planner would take two fields for one: those that a client calls by the name of a
 * `claimed` field, which plans ask for on their own account, and with `isTypeBlind` those that are called like another one, or
 * like the same with other arguments, anywhere. Such selections are for different types, but where a room knows an interface as
 * an object, the planner has only one type left.
 */
export function withFreeNames(
  document: DocumentNode,
  claimed: ReadonlySet<string>,
  isTypeBlind: boolean,
): { document: DocumentNode; aliases: Aliases } {
  const names = new Set(claimed)
  /** The first field that is called so. */
  const owners = new Map<string, string>()
  visit(document, {
    Field(node) {
      const name = responseName(node)
      names.add(name)
      if (!owners.has(name)) owners.set(name, aliasKey(node))
    },
  })
  const isTaken = (node: FieldNode): boolean => {
    const name = responseName(node)
    if (name !== node.name.value && claimed.has(name)) return true
    return isTypeBlind && owners.get(name) !== aliasKey(node)
  }
  const aliases = new Map<string, string>()
  const freeName = (node: FieldNode): string => {
    const key = aliasKey(node)
    let free = aliases.get(key)
    if (free === undefined) {
      free = unusedName(`${responseName(node)}_`, names)
      aliases.set(key, free)
    }
    return free
  }
  const renamed = visit(document, {
    Field(node) {
      return isTaken(node) ? { ...node, alias: { kind: Kind.NAME, value: freeName(node) } } : undefined
    },
  })
  return { document: renamed, aliases }
}
