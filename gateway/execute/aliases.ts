import { type FieldNode, print } from 'graphql'

/** Names under which a plan's answers stand, where they are not the client's: by `aliasKey`. */
export type Aliases = ReadonlyMap<string, string>

export const NO_ALIASES: Aliases = new Map()

/** What the client calls a field, and which one it is. */
export function aliasKey({ alias, name, arguments: given = [] }: FieldNode): string {
  return `${(alias ?? name).value}:${name.value}(${given.map(print).sort().join()})`
}

/** The client's name by the one under which the plan's answers have it. */
export function clientNamesOf(aliases: Aliases): ReadonlyMap<string | number, string> {
  return new Map([...aliases].map(([key, alias]) => [alias, key.slice(0, key.indexOf(':'))]))
}
