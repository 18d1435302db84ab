import { type Admission, admit } from './admission.ts'
import type { KeyRing } from './key-ring.ts'
import { verifyStream } from './stream-token.ts'

/** Under which header a CDN passes on the path that the player asked for. */
export const STREAM_HEADER = 'x-cadenza-stream'

const PREFIX = '/object/'

export function isObjectPath(target: string): boolean {
  return target.startsWith(PREFIX)
}

/**
 * Whether a CDN that keeps audio by what it is, not by whose URL it came by, may have the object: the player's own path comes beside
 * it, opens as ever, and is for this object and no other.
 */
export function admitObject(
  target: string,
  stream: unknown,
  ring: KeyRing,
  now: number,
  verify: typeof verifyStream = verifyStream,
): Admission | null {
  const admission = typeof stream === 'string' ? admit(stream, ring, now, verify) : null
  if (admission === null || admission.path.file !== 'AUDIO') return null
  const { assetId, presentation } = admission.claims
  return target === `${PREFIX}${assetId}/${admission.path.quality}/${presentation}` ? admission : null
}
