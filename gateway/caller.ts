import { anonymous, type Identity } from '#shared/identity.ts'

/** On whose behalf rooms are asked. */
export interface Caller {
  readonly identity: Identity
  /** What rooms of a foreign supergraph are passed on of the request, by lower-case name; ours are told who asks by a token. */
  readonly headers: Readonly<Record<string, string>>
  /** Equal for callers whom no room can tell apart; everything that may be shared is shared under it. */
  readonly key: string
  /** Equal for callers to whom everything public is the same: whoever they are, but not, for instance, where. */
  readonly view: string
  /** What `@authenticated`, `@requiresScopes` and `@policy` go by; null for nobody. */
  readonly rights: Rights | null
  /** The address the request came from: whom the limits of anonymous visitors count. */
  readonly address: string
}

/** Headers that say who asks. */
export const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie'])

/** Nobody in particular, to whom everything public is as it is to this caller. */
export function asNobody({ identity, headers, view }: Caller): Caller {
  const others = Object.entries(headers).filter(([name]) => !CREDENTIALS.has(name))
  return {
    identity: anonymous(identity.country),
    headers: Object.fromEntries(others),
    key: `nobody ${view}`,
    view,
    rights: null,
    address: '',
  }
}

export interface Rights {
  readonly scopes: ReadonlySet<string>
  readonly policies: ReadonlySet<string>
}

/** What a transport knows of a request before anything of it is believed. */
export interface Arrival {
  /** By lower-case name; over a socket, what the client said when it connected. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly address: string
  /** Where a trusted proxy says the request comes from, as ISO 3166-1 alpha-2. */
  readonly country: string | null
}
