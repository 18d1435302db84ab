import type { Rights } from '../caller.ts'
import type { Arguments, Directives } from '../directives.ts'

/** What it takes to read a field, or anything of a type. Equal ones are the same object. */
export interface Guard {
  lets(rights: Rights | null): boolean
}

/** The guards of a supergraph, by coordinate (`Type`, `Type.field`): `@authenticated`, `@requiresScopes`, `@policy`. */
export type Guards = ReadonlyMap<string, Guard>

export function readGuards({
  authenticated,
  requiresScopes,
  policy,
}: Pick<Directives, 'authenticated' | 'requiresScopes' | 'policy'>): Guards {
  const known = new Map<string, Guard>()
  const guards = new Map<string, Guard>()
  for (const coordinate of [...authenticated.keys(), ...requiresScopes.keys(), ...policy.keys()]) {
    const scopes = alternatives(requiresScopes.get(coordinate), 'scopes')
    const policies = alternatives(policy.get(coordinate), 'policies')
    const key = JSON.stringify([scopes, policies])
    const guard = known.get(key) ?? createGuard(scopes, policies)
    known.set(key, guard)
    guards.set(coordinate, guard)
  }
  return guards
}

type Alternatives = readonly (readonly string[])[] | null

/** All of one of the alternatives; null where any will do. Scopes and policies are somebody's: nobody has none, not even the empty set. */
function createGuard(scopes: Alternatives, policies: Alternatives): Guard {
  return {
    lets: (rights) =>
      rights !== null && holdsOne(rights.scopes, scopes) && holdsOne(rights.policies, policies),
  }
}

function holdsOne(held: ReadonlySet<string>, wanted: Alternatives): boolean {
  return wanted === null || wanted.some((names) => names.every((name) => held.has(name)))
}

/** What cannot be read lets nobody through. */
function alternatives(application: Arguments | undefined, name: string): Alternatives {
  if (application === undefined) return null
  const given = application[name]
  return Array.isArray(given) ? given.map((names) => (Array.isArray(names) ? names.map(String) : [])) : []
}
