import { type FieldNode, print } from 'graphql'

/** Names under which a plan's answers stand, where they are not the client's: by `aliasKey`. */
export type Aliases = ReadonlyMap<string, string>

export const NO_ALIASES: Aliases = new Map()

/** What the client calls a field, and which one it is. */
export function aliasKey({ alias, name, arguments: given = [] }: FieldNode): string {
  return `${(alias ?? name).value}:${name.value}(${given.map(print).sort().join()})`
}

/** The name under which a plan's answers have what the client asks for by `key`. */
export function sourceOf(aliases: Aliases, key: string, [node]: readonly FieldNode[]): string {
  return (node && aliases.size > 0 ? aliases.get(aliasKey(node)) : undefined) ?? key
}
