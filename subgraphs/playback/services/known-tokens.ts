import { LRUCache } from 'lru-cache'
import type { KeyRing } from './key-ring.ts'
import { type StreamClaims, verifyStream } from './stream-token.ts'

const MAX_TOKENS = 10_000

/**
 * verifyStream, which works out no signature again that it found good a moment ago: a player asks for one segment after the other with
 * the same token. Only the very text that verified is known, only until it is over, and only under the ring it verified with, so that a
 * key that left the ring takes its tokens along.
 */
export function createTokenVerifier(): typeof verifyStream {
  const known = new LRUCache<string, { ring: KeyRing; claims: StreamClaims }>({ max: MAX_TOKENS })

  return (token, ring, now) => {
    const entry = known.get(token)
    if (entry?.ring === ring) return now < entry.claims.expiresAt * 1_000 ? entry.claims : null
    const claims = verifyStream(token, ring, now)
    if (claims !== null) known.set(token, { ring, claims })
    return claims
  }
}
