import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { KeyRing } from './key-ring.ts'

/** Which file, for whom. */
export interface OfflineFile {
  userId: string
  deviceId: string
  trackId: string
  /** Where it lies: another one whenever it is packaged anew. */
  path: string
}

/** Addresses of packaged files: each opens one file, for six hours, while the device may still have it. */
export interface OfflineUrls {
  sign(file: OfflineFile, now: number): string
  /** What a request's target asks for, or null for what we never signed or is over; never says why. */
  verify(target: string, now: number): OfflineFile | null
}

export const OFFLINE_PREFIX = '/offline/'

const LIFE_MS = 6 * 3_600_000
const TARGET = /^\/offline\/([\w-]{1,1024})\.([\w-]{1,16})\.([\w-]{43})$/
const claims = z.tuple([z.literal('o1'), z.string(), z.string(), z.string(), z.string(), z.number()])

export function createOfflineUrls(ring: () => KeyRing, publicUrl: string): OfflineUrls {
  return {
    sign({ userId, deviceId, trackId, path }, now) {
      const { active, keys } = ring()
      const expiresAt = Math.ceil((now + LIFE_MS) / 60_000) * 60_000
      const text = JSON.stringify(['o1', userId, deviceId, trackId, path, expiresAt])
      const signed = `${Buffer.from(text).toString('base64url')}.${active}`
      return `${publicUrl}${OFFLINE_PREFIX}${signed}.${signature(signed, keys.get(active) as Buffer)}`
    },

    verify(target, now) {
      const [, encoded = '', kid = '', given = ''] = TARGET.exec(target) ?? []
      const key = ring().keys.get(kid)
      if (key === undefined) return null
      const expected = signature(`${encoded}.${kid}`, key)
      if (!timingSafeEqual(Buffer.from(given), Buffer.from(expected))) return null
      const [, userId, deviceId, trackId, path, expiresAt] = claims.parse(
        JSON.parse(Buffer.from(encoded, 'base64url').toString()),
      )
      return now < expiresAt ? { userId, deviceId, trackId, path } : null
    },
  }
}

/** Another purpose than a stream's token: no signature of the one is one of the other. */
function signature(text: string, key: Buffer): string {
  return createHmac('sha256', key).update(`offline ${text}`).digest('base64url')
}
