import type { Identity } from '#shared/identity.ts'

/** Our copy of what the users room says of an account. */
export interface AccountRow {
  tier: 'FREE' | 'PREMIUM'
  country: string
  version: number
}

/** What decides what somebody may hear. */
export interface Listener {
  tier: 'FREE' | 'PREMIUM'
  country: string | null
}

/** Token or copy, whichever is newer: a fresh sign-in can play at once, and an old token keeps no tier that was lost. */
export function listenerOf(identity: Identity, own: AccountRow | null): Listener {
  if (own !== null && own.version >= identity.version) return { tier: own.tier, country: own.country }
  return { tier: identity.tier ?? 'FREE', country: identity.country }
}
