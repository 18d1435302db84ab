import { randomBytes } from 'node:crypto'
import { TARGET_CENTILUFS } from '../config.ts'
import { type AudioAsset, renditionOf } from './audio-asset.ts'
import type { KeyRing } from './key-ring.ts'
import type { Decision } from './play-checks.ts'
import type { Play } from './play-decision.ts'
import { BUFFER_SECONDS, type Quality } from './quality.ts'
import { multivariantPath } from './stream-path.ts'
import { pairwiseHash, signStream } from './stream-token.ts'

/** What the manifest shows of the recording: enough for title and length without asking the catalogue. */
export interface PlayedItem {
  id: string
  title: string
  durationMs: number
}

/** `StreamManifest` of the schema, as a value. */
export interface Manifest {
  __typename: 'StreamManifest'
  playbackId: string
  format: 'HLS'
  url: string
  expiresAt: Date
  renewAfter: Date
  fallbackUrls: string[]
  qualities: { quality: Quality; codec: string; bitrateKbps: number }[]
  selectedQuality: Quality
  bufferSeconds: number
  track: PlayedItem | null
  episode: PlayedItem | null
  presentation: 'FULL'
  normalization: { trackGainDb: number; trackPeak: number; albumGainDb: null }
  licence: null
  decisions: Decision[]
}

/** The playback a URL is signed for, until `expiresAt`. */
export interface Signed {
  id: string
  userId: string
  deviceId: string
  expiresAt: Date
}

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

/** When a URL signed now dies: twice the length and a minute, for pauses, but never more than an hour beyond the length. */
export function expiryOf(durationMs: number, now: number): Date {
  const life = Math.min(durationMs * 2 + MINUTE_MS, durationMs + HOUR_MS)
  return new Date(Math.ceil((now + life) / 1_000) * 1_000)
}

/** Signs the playback's URL and says what is behind it. */
export function writeManifest(
  playback: Signed,
  { playable, asset, choice, country, decisions }: Play,
  { ring, publicUrl, now }: { ring: KeyRing; publicUrl: string; now: number },
): Manifest {
  const { expiresAt } = playback
  const token = signStream(
    {
      user: pairwiseHash(playback.userId, ring),
      deviceId: playback.deviceId,
      playbackId: playback.id,
      playableId: playable.id,
      assetId: asset.assetId,
      country,
      first: choice.selected,
      top: choice.top,
      expiresAt: expiresAt.getTime() / 1_000,
      nonce: randomBytes(6).toString('base64url'),
    },
    ring,
  )
  const item = { id: playable.id, title: playable.title, durationMs: playable.durationMs }
  const life = expiresAt.getTime() - now
  return {
    __typename: 'StreamManifest',
    playbackId: playback.id,
    format: 'HLS',
    url: `${publicUrl}${multivariantPath(token, playable.id)}`,
    expiresAt,
    renewAfter: new Date(now + life / 2),
    fallbackUrls: [],
    qualities: choice.offered.flatMap((quality) => describe(asset, quality)),
    selectedQuality: choice.selected,
    bufferSeconds: BUFFER_SECONDS[choice.selected],
    track: playable.kind === 'TRACK' ? item : null,
    episode: playable.kind === 'EPISODE' ? item : null,
    presentation: 'FULL',
    normalization: {
      trackGainDb: (TARGET_CENTILUFS - asset.loudnessCentilufs) / 100,
      trackPeak: Number((10 ** (asset.truePeakCentidb / 2_000)).toFixed(6)),
      albumGainDb: null,
    },
    licence: null,
    decisions: [
      ...decisions,
      { rule: 'NORMALIZATION', outcome: 'TRACK', detail: 'to -14 LUFS; the gain of the album is not known' },
      { rule: 'URL', outcome: 'SIGNED', detail: `for this device, for ${Math.round(life / 1_000)} s` },
    ],
  }
}

function describe(asset: AudioAsset, quality: Quality): Manifest['qualities'] {
  const rendition = renditionOf(asset, quality)
  return rendition === null ? [] : [{ quality, codec: rendition.codec, bitrateKbps: rendition.bitrateKbps }]
}
