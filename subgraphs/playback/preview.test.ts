import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AudioAsset } from './services/audio-asset.ts'
import { previewMs, previewOf } from './services/preview.ts'
import { writeAsset } from './testing/edge-server.ts'
import { createTestRoom, type Json, type Person, type TestRoom } from './testing/playback-room.ts'
import { type ServedHandlers, serveHandlers } from './testing/serve-handlers.ts'
import { assetOf } from './testing/signed.ts'

const [, , , lossless] = assetOf('studio', 1_000).renditions
if (lossless === undefined) throw new Error('no rendition')

/** Twelve segments of ten seconds of 1,000 bytes each, in the one quality that FREE does not include. */
const studio: AudioAsset = {
  ...assetOf('studio', 1_000),
  durationMs: 120_000,
  renditions: [
    {
      ...lossless,
      bytes: 12_100,
      segments: Array.from({ length: 12 }, (_, index) => ({
        offset: 100 + index * 1_000,
        bytes: 1_000,
        durationMs: 10_000,
      })),
    },
  ],
}

let playback: TestRoom
let served: ServedHandlers
let free: Person
let trackId: string

beforeAll(async () => {
  playback = await createTestRoom()
  served = await serveHandlers(playback.room.handlers)
  free = await playback.addPerson('free', { tier: 'FREE' })
  await writeAsset(join(playback.home, 'audio'), studio)
  trackId = await playback.addPlayable('Studio', { asset: studio, durationMs: 120_000 })
})
afterAll(async () => {
  await served[Symbol.asyncDispose]()
  await playback[Symbol.asyncDispose]()
})

const start = async ({ identity, deviceId }: Person): Promise<Json> =>
  (await playback.answer('PlaybackStart', { input: { trackId, deviceId } }, identity))[
    'playbackStart'
  ] as Json
const fileOf = (manifest: Json, name: string) =>
  String(manifest['url']).replace('http://music.test', served.url).replace('master.m3u8', name)

test.each([
  [[10_030, 10_030, 10_030, 10_030], 3],
  [[4_000, 4_000, 4_000, 4_000, 4_000, 4_000, 4_000, 4_000], 7],
  [[6_000, 6_000, 6_000, 6_000, 6_000, 6_000], 5],
  [[90_000, 10_000], 1],
  [[10_000], 1],
])('of segments of %j ms a preview has %i', (durations, expected) => {
  const segments = durations.map((durationMs, index) => ({ offset: 100 + index * 10, bytes: 10, durationMs }))
  const rendition = { ...lossless, bytes: 100 + durations.length * 10, segments }

  expect(previewOf(rendition).segments).toHaveLength(expected)
  expect(previewOf(rendition).bytes).toBe(100 + expected * 10)
  expect(previewMs(rendition)).toBe(durations.slice(0, expected).reduce((sum, one) => sum + one, 0))
})

test('where the tier includes none of what there is, thirty seconds of the lowest are heard, and it is said why', async () => {
  const manifest = await start(free)
  const premium = await start(await playback.addPerson('premium'))

  expect(manifest).toMatchObject({ presentation: 'PREVIEW', selectedQuality: 'LOSSLESS' })
  expect(manifest['decisions']).toContainEqual({
    rule: 'TIER',
    outcome: 'PREVIEW',
    detail: 'FREE includes up to NORMAL',
  })
  expect(premium).toMatchObject({ presentation: 'FULL' })
  const playlist = await (await fetch(fileOf(manifest, 'lossless/index.m3u8'))).text()
  expect(playlist.match(/#EXTINF:10\.000000/g)).toHaveLength(3)
  const key = await fetch(fileOf(manifest, 'lossless/key'))
  expect([key.status, (await key.arrayBuffer()).byteLength]).toEqual([200, 16])
})

test('not one byte behind a preview is served, and the bytes before it are those of the whole', async () => {
  const manifest = await start(free)
  const premium = await start(await playback.addPerson('premium-too'))
  const [cut, whole] = await Promise.all(
    [manifest, premium].map(async (one) =>
      Buffer.from(await (await fetch(fileOf(one, 'lossless/audio.mp4'))).arrayBuffer()),
    ),
  )
  const beyond = await fetch(fileOf(manifest, 'lossless/audio.mp4'), {
    headers: { range: `bytes=${cut?.length}-` },
  })

  expect(cut?.length).toBe(100 + 3 * 1_008)
  expect(whole?.subarray(0, cut?.length)).toEqual(cut)
  expect(beyond.status).toBe(416)
})

test('a preview stays one when it is renewed, though the tier may have changed; and what was whole is refused when it is lost', async () => {
  const person = await playback.addPerson('upgrading', { tier: 'FREE' })
  const { userId, identity } = person
  const account = async (version: number, tier: string) => {
    await playback.say('users', 'users.account-changed.v1', { userId, tier, country: 'SE', version })
    await expect.poll(() => playback.db.account.count({ where: { userId, version } })).toBe(1)
  }
  const document = `mutation ($id: ID!) { playbackRenew(playbackId: $id) {
    ... on StreamManifest { presentation } ... on StreamDenied { code }
  } }`
  const renew = async ({ playbackId }: Json) =>
    (await playback.answer(document, { id: playbackId }, identity))['playbackRenew']

  const preview = await start(person)
  await account(2, 'PREMIUM')
  expect(await renew(preview)).toEqual({ presentation: 'PREVIEW' })
  const full = await start(person)
  expect(await renew(full)).toEqual({ presentation: 'FULL' })
  await account(3, 'FREE')
  expect(await renew(full)).toEqual({ code: 'TIER' })
})

test('a preview heard over and over is no play', async () => {
  const { playbackId } = await start(free)
  const begun = playback.clock.now
  const events = Array.from({ length: 8 }, (_, index) => ({
    eventId: `preview-${index}`,
    playbackId,
    kind: index % 2 === 0 ? 'START' : 'PAUSE',
    positionMs: index % 2 === 0 ? 0 : 29_000,
    at: new Date(begun + index * 30_000).toISOString(),
  }))
  playback.clock.now += 300_000
  const { playbackReport } = await playback.answer('PlaybackReport', { events }, free.identity)
  playback.clock.now = begun
  const session = await playback.db.playbackSession.findUniqueOrThrow({ where: { id: String(playbackId) } })

  expect(playbackReport).toEqual({ accepted: 8, rejected: [] })
  expect(session.heardMs).toBeGreaterThan(30_000)
  expect(session.countedAt).toBeNull()
})
