import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { derivedId } from '#shared/id.ts'
import { metrics } from '#shared/telemetry.ts'
import { writeAsset } from './testing/edge-server.ts'
import {
  createTestRoom,
  type Json,
  list,
  NOBODY,
  type Person,
  type TestRoom,
} from './testing/playback-room.ts'
import { serveHandlers } from './testing/serve-handlers.ts'
import { assetOf } from './testing/signed.ts'

let playback: TestRoom
let petra: Person
let fern: Person
let ready: string
let episode: string

beforeAll(async () => {
  playback = await createTestRoom()
  ;[petra, fern] = await Promise.all([
    playback.addPerson('petra'),
    playback.addPerson('fern', { tier: 'FREE', country: 'US' }),
  ])
  const asset = assetOf('ready', 10_100)
  await writeAsset(join(playback.home, 'audio'), asset)
  ready = await playback.addPlayable('Ready', { asset, durationMs: 10_000, markets: ['SE', 'US'] })
  episode = await playback.addPlayable('Talk', { kind: 'episode', asset: assetOf('talk', 1_100) })
})
afterAll(() => playback[Symbol.asyncDispose]())

const start = async (input: Record<string, unknown> = {}, { identity, deviceId } = petra): Promise<Json> => {
  const whole = {
    deviceId,
    ...('trackId' in input || 'episodeId' in input ? {} : { trackId: ready }),
    ...input,
  }
  return (await playback.answer('PlaybackStart', { input: whole }, identity))['playbackStart'] as Json
}
const renew = async (playbackId: unknown, { identity } = petra): Promise<Json> =>
  (await playback.answer('PlaybackRenew', { playbackId }, identity))['playbackRenew'] as Json

test('a batch of references is resolved in order with one query, the unknown ones too', async () => {
  const unknown = derivedId('track', 'unknown')
  const representations = [unknown, ready, 'track\u0000', ready].map((id) => ({ __typename: 'Track', id }))
  const query = `query ($representations: [_Any!]!) {
    _entities(representations: $representations) { ... on Track { id playCount playable { allowed reason } } }
  }`
  const queries = vi.spyOn(pg.Client.prototype, 'query')

  const answer = await playback.answer(query, { representations })
  const reads = queries.mock.calls.filter(([config]) => JSON.stringify(config).includes('FROM playable'))
  queries.mockRestore()

  const known = { id: ready, playCount: 0, playable: { allowed: true, reason: null } }
  expect(reads).toHaveLength(1)
  expect(answer['_entities']).toEqual([
    { id: unknown, playCount: null, playable: null },
    known,
    { id: 'track\u0000', playCount: null, playable: null },
    known,
  ])
})

test('the viewer is whoever signed in, or nobody', async () => {
  expect(await playback.answer('{ viewer { id } }')).toEqual({ viewer: null })
  expect(await playback.answer('{ viewer { id } }', {}, petra.identity)).toEqual({
    viewer: { id: petra.userId },
  })
})

test('PlaybackStart answers with a manifest that explains itself', async () => {
  const manifest = await start({ networkKbps: 8_000 })

  expect(manifest).toEqual({
    __typename: 'StreamManifest',
    playbackId: expect.stringMatching(/^playback_\w{22}$/),
    format: 'HLS',
    url: expect.stringMatching(new RegExp(`^http://music\\.test/stream/[\\w.-]+/${ready}/master\\.m3u8$`)),
    expiresAt: new Date(playback.clock.now + 80_000).toISOString(),
    renewAfter: new Date(playback.clock.now + 40_000).toISOString(),
    fallbackUrls: [],
    qualities: [
      { quality: 'LOW', codec: 'mp4a.40.2', bitrateKbps: 96 },
      { quality: 'NORMAL', codec: 'mp4a.40.2', bitrateKbps: 160 },
      { quality: 'HIGH', codec: 'mp4a.40.2', bitrateKbps: 320 },
      { quality: 'LOSSLESS', codec: 'fLaC', bitrateKbps: 900 },
    ],
    selectedQuality: 'HIGH',
    bufferSeconds: 60,
    track: { id: ready, title: 'Ready', durationMs: 10_000 },
    episode: null,
    presentation: 'FULL',
    normalization: { trackGainDb: 2.5, trackPeak: 0.870964, albumGainDb: null },
    licence: {
      system: 'AES_128',
      keyUrl: expect.stringMatching(new RegExp(`^http://music\\.test/stream/[\\w.-]+/${ready}/high/key$`)),
      expiresAt: new Date(playback.clock.now + 80_000).toISOString(),
    },
    decisions: [
      { rule: 'DEVICE', outcome: 'ALLOWED', detail: 'registered to this account' },
      { rule: 'CATALOGUE', outcome: 'FOUND', detail: 'Ready' },
      { rule: 'MARKET', outcome: 'ALLOWED', detail: 'SE is one of 2 markets' },
      { rule: 'TIER', outcome: 'ALLOWED', detail: 'PREMIUM includes up to LOSSLESS' },
      { rule: 'AUDIO', outcome: 'READY', detail: 'packaged as ready' },
      { rule: 'NETWORK', outcome: 'HIGH', detail: 'it carries 8000 kbit/s' },
      { rule: 'QUALITY', outcome: 'HIGH', detail: 'the best that all of these allow, 60 s ahead' },
      {
        rule: 'NORMALIZATION',
        outcome: 'TRACK',
        detail: 'to -14 LUFS; the gain of the album is not known',
      },
      { rule: 'PROTECTION', outcome: 'AES_128', detail: 'HIGH and LOSSLESS are encrypted' },
      { rule: 'URL', outcome: 'SIGNED', detail: 'for this device, for 80 s, at EDGE' },
    ],
  })
})

test('a playback and the news of it are written in one transaction', async () => {
  const { playbackId } = await start({ networkKbps: 500, contextId: 'playlist_x', maxQuality: 'HIGH' })
  const written = await playback.db.$queryRaw<{ session: string; event: string }[]>`
    SELECT playback_session.xmin::text AS session, outbox.xmin::text AS event
      FROM playback_session JOIN outbox ON payload->>'playbackId' = playback_session.id
     WHERE playback_session.id = ${String(playbackId)}`

  expect(written).toHaveLength(1)
  expect(written[0]?.event).toBe(written[0]?.session)
  expect((await playback.events('playback.session-started.v1')).at(-1)).toEqual({
    playbackId,
    userId: petra.userId,
    deviceId: petra.deviceId,
    playableId: ready,
    contextId: 'playlist_x',
    country: 'SE',
    quality: 'LOW',
    at: new Date(playback.clock.now).toISOString(),
  })
})

test.each([
  ['FREE', 20_000, undefined, 'NORMAL', 45, ['LOW', 'NORMAL']],
  ['FREE', undefined, 'LOSSLESS', 'NORMAL', 45, ['LOW', 'NORMAL']],
  ['PREMIUM', 20_000, undefined, 'LOSSLESS', 90, ['LOW', 'NORMAL', 'HIGH', 'LOSSLESS']],
  ['PREMIUM', 20_000, 'HIGH', 'HIGH', 60, ['LOW', 'NORMAL', 'HIGH']],
  ['PREMIUM', undefined, undefined, 'NORMAL', 45, ['LOW', 'NORMAL', 'HIGH', 'LOSSLESS']],
  ['PREMIUM', 0, 'LOW', 'LOW', 30, ['LOW']],
])(
  '%s at %s kbit/s capped at %s: %s, %i s ahead',
  async (tier, networkKbps, maxQuality, selected, buffer, offered) => {
    const person = tier === 'FREE' ? fern : petra
    const manifest = await start({ networkKbps, maxQuality }, person)

    expect(manifest).toMatchObject({ selectedQuality: selected, bufferSeconds: buffer })
    expect(list(manifest['qualities']).map(({ quality }) => quality)).toEqual(offered)
  },
)

test('the URL plays through the room’s own edge, up to the tier and no further', async () => {
  await using server = await serveHandlers(playback.room.handlers)
  const { url } = await start({}, fern)
  const open = (file: string) =>
    fetch(String(url).replace('http://music.test', server.url).replace('master.m3u8', file))

  const master = await (await open('master.m3u8')).text()
  const statuses = await Promise.all(
    ['low', 'normal', 'high', 'lossless'].map(async (quality) => (await open(`${quality}/audio.mp4`)).status),
  )
  playback.clock.now += 80_000
  const late = (await open('master.m3u8')).status
  playback.clock.now -= 80_000

  expect(master.match(/^\w.*$/gm)).toEqual(['normal/index.m3u8', 'low/index.m3u8'])
  expect(statuses).toEqual([200, 200, 403, 403])
  expect(late).toBe(403)
})

test('an episode plays like a track', async () => {
  expect(await start({ episodeId: episode })).toMatchObject({
    track: null,
    episode: { id: episode, title: 'Talk', durationMs: 200_000 },
  })
})

test.each([
  ['a track of no such id', () => ({ trackId: derivedId('track', 'none') })],
  ['an id that is none', () => ({ trackId: 'x' })],
  ['an id with a zero byte', () => ({ trackId: 'track_\u0000' })],
  ['an episode under the name of a track', () => ({ trackId: episode })],
  ['a track under the name of an episode', () => ({ episodeId: ready })],
])('NOT_FOUND: %s', async (_, input) => {
  expect(await start(input())).toMatchObject({
    __typename: 'StreamDenied',
    code: 'NOT_FOUND',
    retryable: false,
  })
})

test('MARKET: licensed elsewhere, or nowhere', async () => {
  const asset = assetOf('ready', 10_100)
  const elsewhere = await playback.addPlayable('Elsewhere', { asset, markets: ['US', 'GB'] })
  const nowhere = await playback.addPlayable('Nowhere', { asset, markets: [] })

  expect(await start({ trackId: elsewhere })).toEqual({
    __typename: 'StreamDenied',
    code: 'MARKET',
    message: 'Not available in SE',
    retryable: false,
  })
  expect(await start({ trackId: elsewhere }, fern)).toMatchObject({ __typename: 'StreamManifest' })
  expect(await start({ trackId: nowhere }, fern)).toMatchObject({ code: 'MARKET' })
})

test('DEVICE comes first: somebody else’s, an unknown and a removed one, whatever is asked for', async () => {
  const input = { trackId: derivedId('track', 'none') }
  const removed = derivedId('device', 'removed')
  await playback.say(
    'users',
    'users.device-changed.v1',
    { userId: petra.userId, deviceId: removed, isRemoved: false, version: 2 },
    { userId: petra.userId, deviceId: removed, isRemoved: true, version: 3 },
  )
  await expect.poll(() => playback.db.device.count({ where: { deviceId: removed } })).toBe(1)

  for (const deviceId of [fern.deviceId, derivedId('device', 'none'), removed, 'x', 'device_\u0000', ''])
    expect(await start({ ...input, deviceId })).toMatchObject({ code: 'DEVICE', retryable: false })
  expect(await start(input)).toMatchObject({ code: 'NOT_FOUND' })
})

test('a fresh sign-in plays before any news of it has come', async () => {
  const identity = {
    ...NOBODY,
    userId: derivedId('user', 'fresh'),
    deviceId: derivedId('device', 'fresh'),
    tier: 'PREMIUM',
    version: 1,
  } as const
  const person = { identity, userId: identity.userId, deviceId: identity.deviceId }
  const manifest = await start({ networkKbps: 20_000 }, person)

  expect(manifest).toMatchObject({ selectedQuality: 'LOSSLESS' })
  expect(manifest['decisions']?.[0]).toMatchObject({ rule: 'DEVICE', detail: 'the device of this sign-in' })
})

test('a token older than what we know keeps no tier that was lost', async () => {
  const person = await playback.addPerson('lapsed')
  await playback.say('users', 'users.account-changed.v1', {
    userId: person.userId,
    tier: 'FREE',
    country: 'SE',
    version: 2,
  })
  await expect.poll(() => playback.db.account.count({ where: { userId: person.userId, version: 2 } })).toBe(1)

  expect(await start({ networkKbps: 20_000 }, person)).toMatchObject({ selectedQuality: 'NORMAL' })
})

test('NOT_READY: audio that can be made is asked for once in ten seconds, however many ask', async () => {
  const trackId = await playback.addPlayable('Unmade', { isComposable: true })
  const requests = async () =>
    (await playback.events('playback.audio-requested.v1')).filter(
      ({ playableId }) => String(playableId) === trackId,
    ).length

  const first = await Promise.all(Array.from({ length: 10 }, () => start({ trackId })))
  expect(new Set(first.map(({ code, retryable }) => `${code} ${retryable}`))).toEqual(
    new Set(['NOT_READY true']),
  )
  expect(await requests()).toBe(1)
  playback.clock.now += 9_999
  await start({ trackId })
  expect(await requests()).toBe(1)
  playback.clock.now += 1
  await start({ trackId })
  expect(await requests()).toBe(2)

  await playback.addPlayable('Unmade', { isComposable: true, version: 2, asset: assetOf('made', 1_100) })
  expect(await start({ trackId })).toMatchObject({ __typename: 'StreamManifest' })
})

test('NOT_READY: audio that nobody will make is not worth another try', async () => {
  const trackId = await playback.addPlayable('Imported')

  expect(await start({ trackId })).toEqual({
    __typename: 'StreamDenied',
    code: 'NOT_READY',
    message: 'There is no audio of this, and none will be made',
    retryable: false,
  })
  expect(
    (await playback.events('playback.audio-requested.v1')).some(
      ({ playableId }) => String(playableId) === trackId,
    ),
  ).toBe(false)
})

test('a cap below everything there is gives the lowest of it', async () => {
  const asset = assetOf('studio', 1_100)
  const studio = { ...asset, renditions: asset.renditions.filter(({ quality }) => quality === 'LOSSLESS') }
  const trackId = await playback.addPlayable('Studio', { asset: studio })

  expect(await start({ trackId, maxQuality: 'LOW' })).toMatchObject({ selectedQuality: 'LOSSLESS' })
})

test.each([
  ['neither trackId nor episodeId', { trackId: null }],
  ['both', { trackId: 'a', episodeId: 'b' }],
  ['a negative network', { networkKbps: -1 }],
  ['a context of a thousand letters', { contextId: 'x'.repeat(1_000) }],
  ['a context with a zero byte', { contextId: '\0' }],
  ['a quality that is none', { maxQuality: 'BEST' }],
  ['a number that is none', { networkKbps: 1e12 }],
])('BAD_USER_INPUT: %s', async (_, part) => {
  const input = { trackId: ready, deviceId: petra.deviceId, ...part }

  expect(await playback.fault('PlaybackStart', { input }, petra.identity)).toBe('BAD_USER_INPUT')
})

test('nothing of this is for visitors', async () => {
  const input = { trackId: ready, deviceId: petra.deviceId }

  expect(await playback.fault('PlaybackStart', { input })).toBe('UNAUTHENTICATED')
  expect(await playback.fault('PlaybackRenew', { playbackId: 'x' })).toBe('UNAUTHENTICATED')
  expect(await playback.fault('PlaybackReport', { events: [] })).toBe('UNAUTHENTICATED')
})

test('PlaybackRenew signs a new URL of the same playback over the same files', async () => {
  const { playbackId, url, expiresAt } = await start({ networkKbps: 20_000, maxQuality: 'HIGH' })
  const atOnce = await renew(playbackId)
  playback.clock.now += 30_000
  const later = await renew(playbackId)
  const layout = (one: unknown) => String(one).replace(/\/stream\/[^/]+/, '')

  expect(new Set([url, atOnce['url'], later['url']]).size).toBe(3)
  expect(layout(later['url'])).toBe(layout(url))
  expect(Date.parse(String(later['expiresAt'])) - Date.parse(String(expiresAt))).toBe(30_000)
  const whole = `mutation ($playbackId: ID!) { playbackRenew(playbackId: $playbackId) {
    ... on StreamManifest { playbackId selectedQuality qualities { quality } track { id title } decisions { rule } }
  } }`
  expect((await playback.answer(whole, { playbackId }, petra.identity))['playbackRenew']).toMatchObject({
    playbackId,
    selectedQuality: 'HIGH',
    qualities: [{ quality: 'LOW' }, { quality: 'NORMAL' }, { quality: 'HIGH' }],
    track: { id: ready, title: 'Ready' },
  })
})

test('a playback goes on with the audio it began with, though there is newer', async () => {
  const trackId = await playback.addPlayable('Remastered', { asset: assetOf('first', 1_100) })
  const { playbackId } = await start({ trackId })
  await playback.addPlayable('Remastered', { asset: assetOf('second', 1_100), version: 2 })
  const audioOf = (manifest: Json) =>
    Buffer.from(String(manifest['url']).split('/')[4]?.split('.')[0] ?? '', 'base64url').toString()

  expect(audioOf(await renew(playbackId))).toContain('\nfirst\n')
  expect(audioOf(await start({ trackId }))).toContain('\nsecond\n')
})

test('PlaybackRenew looks again at device, market and tier', async () => {
  const person = await playback.addPerson('moving')
  const { playbackId } = await start({ networkKbps: 20_000 }, person)
  const { userId, deviceId } = person
  const account = async (version: number, tier: string, country: string) => {
    await playback.say('users', 'users.account-changed.v1', { userId, tier, country, version })
    await expect.poll(() => playback.db.account.count({ where: { userId, version } })).toBe(1)
  }
  const whole =
    'mutation ($id: ID!) { playbackRenew(playbackId: $id) { ... on StreamManifest { selectedQuality } } }'

  await account(2, 'FREE', 'US')
  expect((await playback.answer(whole, { id: playbackId }, person.identity))['playbackRenew']).toEqual({
    selectedQuality: 'NORMAL',
  })
  await account(3, 'PREMIUM', 'GB')
  expect(await renew(playbackId, person)).toEqual({ __typename: 'StreamDenied', code: 'MARKET' })
  await account(4, 'PREMIUM', 'SE')
  expect(await renew(playbackId, person)).toMatchObject({ __typename: 'StreamManifest' })
  await playback.say('users', 'users.device-changed.v1', { userId, deviceId, isRemoved: true, version: 5 })
  await expect.poll(() => playback.db.device.count({ where: { userId, isRemoved: true } })).toBe(1)
  expect(await renew(playbackId, person)).toEqual({ __typename: 'StreamDenied', code: 'DEVICE' })
})

test('somebody else’s playback and none look the same', async () => {
  const { playbackId } = await start()

  for (const id of [playbackId, derivedId('playback', 'none'), 'x', 'playback_\u0000', ''])
    expect(await renew(id, fern)).toEqual({ __typename: 'StreamDenied', code: 'NOT_FOUND' })
})

test('Track.playable says whether pressing play would lead to music', async () => {
  const here = await playback.addPlayable('Only here', { markets: ['SE'], isComposable: true })
  const never = await playback.addPlayable('No audio')
  const query = `query ($ids: [_Any!]!) { _entities(representations: $ids) { ... on Track { playable { allowed reason } } } }`
  const ids = [ready, here, never].map((id) => ({ __typename: 'Track', id }))
  const seenBy = async (identity = NOBODY) => {
    const { _entities } = await playback.answer(query, { ids }, identity)
    return list(_entities).map(({ playable }) => playable?.['reason'] ?? playable?.['allowed'])
  }

  expect(await seenBy(petra.identity)).toEqual([true, true, 'NOT_READY'])
  expect(await seenBy(fern.identity)).toEqual([true, 'MARKET', 'NOT_READY'])
  expect(await seenBy()).toEqual([true, true, 'NOT_READY'])
  expect(await seenBy({ ...NOBODY, country: 'GB' })).toEqual(['MARKET', 'MARKET', 'NOT_READY'])
  expect(await seenBy({ ...NOBODY, country: null })).toEqual(['MARKET', 'MARKET', 'NOT_READY'])
})

test('the room is ready while its database answers', async () => {
  expect(await playback.room.isReady()).toBe(true)
})

test('starts and answers of the edge are counted by outcome', async () => {
  const figure = async (line: string) =>
    Number(
      (await metrics.metrics())
        .split('\n')
        .find((one) => one.startsWith(`${line} `))
        ?.split(' ')[1] ?? 0,
    )
  const manifests = 'cadenza_stream_starts_total{verb="start",outcome="MANIFEST"}'
  const refusals = 'cadenza_stream_starts_total{verb="renew",outcome="NOT_FOUND"}'
  const [before, refused] = [await figure(manifests), await figure(refusals)]

  await start()
  await renew('x')

  expect([await figure(manifests), await figure(refusals)]).toEqual([before + 1, refused + 1])
  expect(await figure('cadenza_edge_responses_total{status="403"}')).toBeGreaterThan(0)
})
