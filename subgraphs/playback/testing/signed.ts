import { randomBytes } from 'node:crypto'
import { derivedId } from '#shared/id.ts'
import type { AudioAsset } from '../services/audio-asset.ts'
import type { KeyRing } from '../services/key-ring.ts'
import { QUALITIES } from '../services/quality.ts'
import type { StreamClaims } from '../services/stream-token.ts'

export const TRACK = derivedId('track', 'test')
export const OTHER_TRACK = derivedId('track', 'other')
/** Some moment, in milliseconds. */
export const NOW = Date.parse('2026-11-21T12:00:00Z')

export function newRing(kid = 'k1'): KeyRing {
  return { active: kid, keys: new Map([[kid, randomBytes(32)]]) }
}

/** Claims that are good for a minute from NOW. */
export const CLAIMS: StreamClaims = {
  user: 'A1b2C3d4E5f6G7h8I9j0K-',
  deviceId: derivedId('device', 'test'),
  playbackId: derivedId('playback', 'test'),
  playableId: TRACK,
  assetId: 'asset-1',
  country: 'SE',
  first: 'HIGH',
  top: 'LOSSLESS',
  presentation: 'FULL',
  host: 'EDGE',
  expiresAt: NOW / 1_000 + 60,
  nonce: 'n0nce_-x',
}

/** An asset of four files of `bytes` bytes, in three segments of 4 s, 4 s and 2 s behind 100 bytes of header. */
export function assetOf(assetId: string, bytes: number): AudioAsset {
  const part = Math.floor((bytes - 100) / 5)
  return {
    assetId,
    durationMs: 10_000,
    loudnessCentilufs: -1_650,
    truePeakCentidb: -120,
    renditions: QUALITIES.map((quality, index) => ({
      quality,
      codec: quality === 'LOSSLESS' ? 'fLaC' : 'mp4a.40.2',
      bitrateKbps: [96, 160, 320, 900][index] as number,
      path: `${assetId}/${quality.toLowerCase()}.mp4`,
      bytes,
      initBytes: 100,
      segments: [
        { offset: 100, bytes: 2 * part, durationMs: 4_000 },
        { offset: 100 + 2 * part, bytes: 2 * part, durationMs: 4_000 },
        { offset: 100 + 4 * part, bytes: bytes - 100 - 4 * part, durationMs: 2_000 },
      ],
    })),
  }
}
