import { expect, test } from 'vitest'
import { assetOf, CLAIMS, NOW, newRing, TRACK } from '../testing/signed.ts'
import { admit } from './admission.ts'
import { expiryOf, type Manifest, writeManifest } from './manifest.ts'
import type { Play } from './play-decision.ts'

const ring = newRing()
const play: Play = {
  playable: {
    id: TRACK,
    kind: 'TRACK',
    title: 'Glass Hearts',
    durationMs: 10_000,
    markets: null,
    isComposable: true,
    isRemoved: false,
    assetId: 'asset-1',
    albumCentilufs: -1_250,
  },
  asset: assetOf('asset-1', 1_000),
  choice: { offered: ['LOW', 'NORMAL'], top: 'NORMAL', selected: 'LOW' },
  presentation: 'FULL',
  durationMs: 10_000,
  listener: { tier: 'PREMIUM', country: 'SE' },
  country: 'SE',
  decisions: [],
}
const { playbackId: id, deviceId } = CLAIMS
const expiresAt = new Date(NOW + 80_000)
const write = (): Manifest =>
  writeManifest({ id, userId: 'user_1', deviceId, expiresAt }, play, {
    ring,
    hosts: [],
    publicUrl: 'https://music.example',
    now: NOW,
  })

test('a URL lives for twice the length and a minute, at most an hour beyond the length', () => {
  const lifeOf = (durationMs: number) =>
    (expiryOf({ asset: { ...play.asset, durationMs }, durationMs }, NOW).getTime() - NOW) / 1_000

  expect(lifeOf(60_000)).toBe(180)
  expect(lifeOf(3_540_000)).toBe(7_140)
  expect(lifeOf(4 * 3_600_000)).toBe(5 * 3_600)
  expect(lifeOf(1)).toBe(61)
})

test('the URL opens what was decided, and names no person', () => {
  const { url } = write()
  const admission = admit(url.replace('https://music.example', ''), ring, NOW)

  expect(admission?.claims).toMatchObject({
    playbackId: id,
    deviceId,
    playableId: TRACK,
    assetId: 'asset-1',
    country: 'SE',
    first: 'LOW',
    top: 'NORMAL',
    expiresAt: expiresAt.getTime() / 1_000,
  })
  expect(admission?.claims.user).not.toContain('user_1')
  expect(write().url).not.toBe(url)
})

test('a manifest says what is behind it, how loud that is, and when to come again', () => {
  expect(write()).toMatchObject({
    renewAfter: new Date(NOW + 40_000),
    qualities: [
      { quality: 'LOW', codec: 'mp4a.40.2', bitrateKbps: 96 },
      { quality: 'NORMAL', codec: 'mp4a.40.2', bitrateKbps: 160 },
    ],
    bufferSeconds: 30,
    normalization: { trackGainDb: 2.5, trackPeak: 0.870964, albumGainDb: -1.5 },
    episode: null,
  })
})

test('what an encoder put before a recording and behind it is told; of what has nothing to cut, and of a preview, it is not', () => {
  const gapless = { sampleRate: 44_100, delaySamples: 1_024, samples: 441_000 }
  const of = (changes: Partial<Play>): Manifest['gapless'] =>
    writeManifest(
      { id, userId: 'user_1', deviceId, expiresAt },
      { ...play, ...changes },
      { ring, hosts: [], publicUrl: 'https://music.example', now: NOW },
    ).gapless
  const asset = { ...play.asset, gapless }

  expect(of({ asset })).toEqual({ sampleRate: 44_100, encoderDelay: 1_024, totalSamples: 441_000 })
  expect(of({})).toBeNull()
  expect(of({ asset, presentation: 'PREVIEW' })).toBeNull()
})
