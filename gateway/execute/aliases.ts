/** Names under which a plan's answers stand, where they are not the client's: by `aliasKey`. */
export type Aliases = ReadonlyMap<string, string>

/** What the client calls a field, and which one it is. */
export function aliasKey(responseName: string, field: string): string {
  return `${responseName}:${field}`
}

export const NO_ALIASES: Aliases = new Map()

/** The client's name by the one under which the plan's answers have it. */
export function clientNamesOf(aliases: Aliases): ReadonlyMap<string | number, string> {
  return new Map([...aliases].map(([key, alias]) => [alias, key.slice(0, key.indexOf(':'))]))
}
