import { randomBytes } from 'node:crypto'
import { TARGET_CENTILUFS } from '../config.ts'
import { type AudioAsset, renditionOf } from './audio-asset.ts'
import type { KeyRing } from './key-ring.ts'
import type { Decision } from './play-checks.ts'
import type { Play } from './play-decision.ts'
import { BUFFER_SECONDS, type Quality } from './quality.ts'
import { isSealed } from './sealing.ts'
import { ownEdge, type StreamHost } from './stream-hosts.ts'
import { keyPath, multivariantPath, streamFolder } from './stream-path.ts'
import { type Presentation, pairwiseHash, type StreamClaims, signStream } from './stream-token.ts'

/** What the manifest shows of the recording: enough for title and length without asking the catalogue. */
export interface PlayedItem {
  id: string
  title: string
  durationMs: number
}

/** What opens the qualities that are encrypted. */
export interface Licence {
  system: 'AES_128'
  keyUrl: string
  expiresAt: Date
  certificateUrl: null
  initData: null
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
  presentation: Presentation
  normalization: { trackGainDb: number; trackPeak: number; albumGainDb: number | null }
  gapless: { sampleRate: number; encoderDelay: number; totalSamples: number } | null
  licence: Licence | null
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
export function expiryOf(
  { asset, durationMs: played }: Pick<Play, 'asset' | 'durationMs'>,
  now: number,
): Date {
  const durationMs = Math.min(asset.durationMs, played)
  const life = Math.min(durationMs * 2 + MINUTE_MS, durationMs + HOUR_MS)
  return new Date(Math.ceil((now + life) / 1_000) * 1_000)
}

export interface ManifestSettings {
  ring: KeyRing
  /** In the order players are to try them; our own edge comes after them all. */
  hosts: readonly StreamHost[]
  publicUrl: string
  now: number
}

/** Signs the playback's URLs, one for each host, and says what is behind them. */
export function writeManifest(
  playback: Signed,
  { playable, asset, choice, country, presentation, decisions }: Play,
  { ring, hosts, publicUrl, now }: ManifestSettings,
): Manifest {
  const { expiresAt } = playback
  const claims: Omit<StreamClaims, 'host' | 'nonce'> = {
    user: pairwiseHash(playback.userId, ring),
    deviceId: playback.deviceId,
    playbackId: playback.id,
    playableId: playable.id,
    assetId: asset.assetId,
    country,
    first: choice.selected,
    top: choice.top,
    presentation,
    expiresAt: expiresAt.getTime() / 1_000,
  }
  const tokenFor = (host: StreamHost): string =>
    signStream({ ...claims, host: host.kind, nonce: randomBytes(6).toString('base64url') }, ring)
  const urlAt = (host: StreamHost): string => {
    const token = tokenFor(host)
    const folder = streamFolder(token, playable.id)
    const query = host.sign({ url: host.url, folder, top: claims.top, expiresAt: claims.expiresAt })
    return `${host.url}${multivariantPath(token, playable.id)}${query && `?${query}`}`
  }
  const edge = ownEdge(publicUrl)
  const [url = '', ...fallbackUrls] = [...hosts, edge].map(urlAt)
  const sealed = isSealed(choice.selected) ? choice.selected : choice.offered.findLast(isSealed)
  const item = { id: playable.id, title: playable.title, durationMs: playable.durationMs }
  const life = expiresAt.getTime() - now
  return {
    __typename: 'StreamManifest',
    playbackId: playback.id,
    format: 'HLS',
    url,
    expiresAt,
    renewAfter: new Date(now + life / 2),
    fallbackUrls,
    qualities: choice.offered.flatMap((quality) => describe(asset, quality)),
    selectedQuality: choice.selected,
    bufferSeconds: BUFFER_SECONDS[choice.selected],
    track: playable.kind === 'TRACK' ? item : null,
    episode: playable.kind === 'EPISODE' ? item : null,
    presentation,
    normalization: {
      trackGainDb: (TARGET_CENTILUFS - asset.loudnessCentilufs) / 100,
      trackPeak: Number((10 ** (asset.truePeakCentidb / 2_000)).toFixed(6)),
      albumGainDb:
        playable.albumCentilufs === null ? null : (TARGET_CENTILUFS - playable.albumCentilufs) / 100,
    },
    gapless: presentation === 'FULL' ? gaplessOf(asset) : null,
    licence:
      sealed === undefined
        ? null
        : {
            system: 'AES_128',
            keyUrl: publicUrl + keyPath(tokenFor(edge), playable.id, sealed),
            expiresAt,
            certificateUrl: null,
            initData: null,
          },
    decisions: [
      ...decisions,
      {
        rule: 'NORMALIZATION',
        outcome: 'TRACK',
        detail: `to -14 LUFS; the gain of the album is ${playable.albumCentilufs === null ? 'not known' : 'there too'}`,
      },
      {
        rule: 'PROTECTION',
        outcome: sealed === undefined ? 'CLEAR' : 'AES_128',
        detail: sealed === undefined ? 'nothing above NORMAL is offered' : 'HIGH and LOSSLESS are encrypted',
      },
      {
        rule: 'URL',
        outcome: 'SIGNED',
        detail: `for this device, for ${Math.round(life / 1_000)} s, at ${[...hosts, edge].map(({ kind }) => kind).join(', then ')}`,
      },
    ],
  }
}

/** The files carry no edit list, which players read differently: the manifest says it once for all qualities. */
function gaplessOf({ gapless }: AudioAsset): Manifest['gapless'] {
  if (gapless === undefined) return null
  const { sampleRate, delaySamples: encoderDelay, samples: totalSamples } = gapless
  return { sampleRate, encoderDelay, totalSamples }
}

function describe(asset: AudioAsset, quality: Quality): Manifest['qualities'] {
  const rendition = renditionOf(asset, quality)
  return rendition === null ? [] : [{ quality, codec: rendition.codec, bitrateKbps: rendition.bitrateKbps }]
}
