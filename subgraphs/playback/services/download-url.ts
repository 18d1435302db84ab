import { createHmac, timingSafeEqual } from 'node:crypto'
import type { KeyRing } from './key-ring.ts'

/** Addresses of documents made for one who may have them: whoever holds one can read it for 15 minutes, and nothing else. */
export interface DownloadUrls {
  /** `path` names the document, as `royalties/2026-10/0/statement.csv`: letters, digits, `_-.`, and slashes between. */
  sign(path: string, now: number): string
  /** Which document a request's target asks for, or null for what we never signed or is over; never says why. */
  verify(target: string, now: number): string | null
}

export const DOWNLOAD_PREFIX = '/download/'

const LIFE_MS = 15 * 60_000
const TARGET = /^\/download\/([\w./-]{1,512})\?expires=(\d{10})&key=([\w-]{1,16})&signature=([\w-]{43})$/

export function createDownloadUrls(ring: () => KeyRing, publicUrl: string): DownloadUrls {
  return {
    sign(path, now) {
      const { active, keys } = ring()
      const expires = Math.floor((now + LIFE_MS) / 1_000)
      const signed = signature(path, expires, keys.get(active) as Buffer)
      return `${publicUrl}${DOWNLOAD_PREFIX}${path}?expires=${expires}&key=${active}&signature=${signed}`
    },

    verify(target, now) {
      const [, path = '', expires = '', kid = '', given = ''] = TARGET.exec(target) ?? []
      const key = ring().keys.get(kid)
      if (key === undefined) return null
      const expected = signature(path, Number(expires), key)
      if (!timingSafeEqual(Buffer.from(given), Buffer.from(expected))) return null
      return now < Number(expires) * 1_000 ? path : null
    },
  }
}

/** Another purpose than a stream's token: no signature of the one is one of the other. */
function signature(path: string, expires: number, key: Buffer): string {
  return createHmac('sha256', key).update(`download ${expires} ${path}`).digest('base64url')
}
