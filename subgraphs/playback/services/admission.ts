import type { KeyRing } from './key-ring.ts'
import { rankOf } from './quality.ts'
import { readStreamPath, type StreamPath } from './stream-path.ts'
import { type StreamClaims, verifyStream } from './stream-token.ts'

export interface Admission {
  path: StreamPath
  claims: StreamClaims
}

/**
 * Whether a request's target opens at `now` (ms): spelt canonically, signed by us, not over, for the playable in the path,
 * and for no quality above the token's. Null for every other, without a reason: the reason would help forgers alone.
 */
export function admit(
  target: string,
  ring: KeyRing,
  now: number,
  verify: typeof verifyStream = verifyStream,
): Admission | null {
  const path = readStreamPath(target)
  if (path === null) return null
  const claims = verify(path.token, ring, now)
  if (claims === null || claims.playableId !== path.playableId) return null
  if (path.quality !== null && rankOf(path.quality) > rankOf(claims.top)) return null
  return { path, claims }
}
