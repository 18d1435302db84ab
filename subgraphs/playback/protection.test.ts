import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createContentKeys } from './services/content-keys.ts'
import { parseKeyRing } from './services/key-ring.ts'
import { writeAsset } from './testing/edge-server.ts'
import { createTestRoom, type Json, type Person, type TestRoom } from './testing/playback-room.ts'
import { type ServedHandlers, serveHandlers } from './testing/serve-handlers.ts'
import { assetOf } from './testing/signed.ts'

const OPENSSL = 'openssl'
const BYTES = 10_103 // no segment is a multiple of 16 long
const asset = assetOf('sealed', BYTES)

let playback: TestRoom
let served: ServedHandlers
let files: Map<string, Buffer>
let trackId: string

beforeAll(async () => {
  playback = await createTestRoom()
  served = await serveHandlers(playback.room.handlers)
  files = await writeAsset(join(playback.home, 'audio'), asset)
  trackId = await playback.addPlayable('Sealed', { asset, durationMs: 10_000 })
})
afterAll(async () => {
  await served[Symbol.asyncDispose]()
  await playback[Symbol.asyncDispose]()
})

const start = async ({ identity, deviceId }: Person, input = {}): Promise<Json> => {
  const whole = { deviceId, trackId, networkKbps: 20_000, ...input }
  return (await playback.answer('PlaybackStart', { input: whole }, identity))['playbackStart'] as Json
}
const here = (url: unknown) => String(url).replace('http://music.test', served.url)
const keyOf = async (manifest: Json) => fetch(here(manifest['licence']?.['keyUrl']))
const codeOf = async (manifest: Json) => {
  const response = await keyOf(manifest)
  return response.status === 200 ? 'KEY' : ((await response.json()) as { code: string }).code
}
const bytesAt = async (url: string, range?: string) =>
  Buffer.from(await (await fetch(url, range === undefined ? {} : { headers: { range } })).arrayBuffer())

/** The segments of a media playlist: offset and length of each. */
const segmentsOf = (playlist: string) =>
  [...playlist.matchAll(/#EXT-X-BYTERANGE:(\d+)@(\d+)/g)].map(([, bytes, offset]) => ({
    first: Number(offset),
    last: Number(offset) + Number(bytes) - 1,
  }))

test.each(['high', 'lossless'])(
  'openssl opens every segment of %s with the key of the licence',
  async (quality) => {
    const manifest = await start(await playback.addPerson(`openssl-${quality}`))
    const file = (name: string) => here(manifest['url']).replace('master.m3u8', `${quality}/${name}`)
    const playlist = await (await fetch(file('index.m3u8'))).text()
    const key = await bytesAt(file('key'))
    const clear = files.get(`sealed/${quality}.mp4`) ?? Buffer.alloc(0)
    const packaged = asset.renditions[0]?.segments ?? []

    expect(playlist).toContain(
      '#EXT-X-MAP:URI="audio.mp4",BYTERANGE="100@0"\n#EXT-X-KEY:METHOD=AES-128,URI="key"\n',
    )
    expect(await bytesAt(file('audio.mp4'), 'bytes=0-99')).toEqual(clear.subarray(0, 100))
    for (const [index, { first, last }] of segmentsOf(playlist).entries()) {
      const sealed = await bytesAt(file('audio.mp4'), `bytes=${first}-${last}`)
      const iv = index.toString(16).padStart(32, '0')
      const opened = execFileSync(
        OPENSSL,
        ['enc', '-d', '-aes-128-cbc', '-K', key.toString('hex'), '-iv', iv],
        {
          input: sealed,
        },
      )
      const { offset, bytes } = packaged[index] ?? { offset: 0, bytes: 0 }

      expect(opened).toEqual(clear.subarray(offset, offset + bytes))
    }
    expect(segmentsOf(playlist)).toHaveLength(3)
  },
)

test('any range of a sealed file is that part of the whole, several at once too, and its bytes never change', async () => {
  const person = await playback.addPerson('ranges')
  const [one, other] = [await start(person), await start(person)].map((manifest) =>
    here(manifest['url']).replace('master.m3u8', 'high/audio.mp4'),
  )
  const whole = await bytesAt(one as string)

  expect(await bytesAt(other as string)).toEqual(whole)
  expect(whole.length).toBeGreaterThan(BYTES)
  for (const [first, last] of [
    [0, 0],
    [50, 150],
    [99, 100],
    [100, 115],
    [116, 131],
    [4_100, 4_140],
    [5_000, 9_999],
    [whole.length - 1, whole.length - 1],
  ] as const)
    expect([first, last, await bytesAt(one as string, `bytes=${first}-${last}`)]).toEqual([
      first,
      last,
      whole.subarray(first, last + 1),
    ])
  const parts = await bytesAt(one as string, 'bytes=100-119,8000-8009')
  expect(parts.includes(whole.subarray(100, 120))).toBe(true)
  expect(parts.includes(whole.subarray(8_000, 8_010))).toBe(true)
})

test('a licence names the key of what is encrypted, and there is none where nothing is', async () => {
  const premium = await playback.addPerson('licence')
  const free = await playback.addPerson('licence-free', { tier: 'FREE' })

  expect((await start(premium))['licence']).toMatchObject({
    system: 'AES_128',
    keyUrl: expect.stringMatching(/^http:\/\/music\.test\/stream\/[\w.-]+\/track_\w+\/lossless\/key$/),
  })
  expect(String((await start(premium, { networkKbps: 7_000 }))['licence']?.['keyUrl'])).toMatch(
    /\/high\/key$/,
  )
  expect(String((await start(premium, { networkKbps: 500 }))['licence']?.['keyUrl'])).toMatch(
    /\/lossless\/key$/,
  )
  expect((await start(premium, { maxQuality: 'NORMAL' }))['licence']).toBeNull()
  expect((await start(free))['licence']).toBeNull()
})

test('a key is 16 bytes that nothing on the way may keep, another for each file', async () => {
  const manifest = await start(await playback.addPerson('keys'))
  const response = await keyOf(manifest)
  const high = await fetch(here(manifest['licence']?.['keyUrl']).replace('/lossless/', '/high/'))
  const head = await fetch(here(manifest['licence']?.['keyUrl']), { method: 'HEAD' })
  const [lossless, other] = [await response.arrayBuffer(), await high.arrayBuffer()].map((key) =>
    Buffer.from(key),
  )

  expect([lossless?.length, other?.length]).toEqual([16, 16])
  expect(lossless).not.toEqual(other)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '16', ''])
})

test('there is no key for what is clear, above the token, or for a URL that was altered', async () => {
  const manifest = await start(await playback.addPerson('none'), { maxQuality: 'HIGH' })
  const high = here(manifest['licence']?.['keyUrl'])
  const statusOf = async (url: string) => {
    const response = await fetch(url)
    return [response.status, await response.text()]
  }

  expect((await fetch(high)).status).toBe(200)
  expect(await statusOf(high.replace('/high/', '/low/'))).toEqual([404, ''])
  expect(await statusOf(high.replace('/high/', '/lossless/'))).toEqual([403, ''])
  expect(await statusOf(`${high}?x`)).toEqual([403, ''])
  expect(await statusOf(high.replace(/.(?=\/track_)/, (letter) => (letter === 'A' ? 'B' : 'A')))).toEqual([
    403,
    '',
  ])
})

test('keys are refused when the tier, the device, the stream or the recording is gone, and not a second later', async () => {
  const person = await playback.addPerson('losing')
  const { userId, deviceId } = person
  const manifest = await start(person)
  const account = (version: number, tier: string, country = 'SE') =>
    playback.say('users', 'users.account-changed.v1', { userId, tier, country, version })
  const device = (version: number, isRemoved: boolean, id = deviceId) =>
    playback.say('users', 'users.device-changed.v1', { userId, deviceId: id, isRemoved, version })
  const becomes = (code: string) =>
    expect.poll(() => codeOf(manifest), { timeout: 1_000, interval: 20 }).toBe(code)

  expect(await codeOf(manifest)).toBe('KEY')
  await account(2, 'FREE')
  await becomes('TIER')
  await account(3, 'PREMIUM')
  await becomes('KEY')
  await device(4, true)
  await becomes('DEVICE')
  await device(5, false)
  await becomes('KEY')

  const speaker = { ...person, deviceId: person.deviceId.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')) }
  await device(6, false, speaker.deviceId)
  await expect.poll(() => playback.db.device.count({ where: { userId } })).toBe(2)
  await start(speaker)
  expect(await codeOf(manifest)).toBe('CONCURRENCY')
  await start(person)
  expect(await codeOf(manifest)).toBe('CONCURRENCY')
})

test('a recording that is taken down has no manifests and no keys within a second', async () => {
  const person = await playback.addPerson('taken')
  const id = await playback.addPlayable('Disputed', { asset })
  const manifest = await start(person, { trackId: id })
  const change = { trackId: id, title: 'Disputed', durationMs: 200_000, isComposable: false }
  await playback.say('catalog', 'catalog.track-changed.v1', { ...change, isRemoved: true, version: 2 })

  await expect.poll(() => codeOf(manifest), { timeout: 1_000, interval: 20 }).toBe('TAKEN_DOWN')
  expect(await start(person, { trackId: id })).toEqual({
    __typename: 'StreamDenied',
    code: 'TAKEN_DOWN',
    message: 'This track was taken down',
    retryable: false,
  })
  const query =
    'query ($ids: [_Any!]!) { _entities(representations: $ids) { ... on Track { playable { reason } } } }'
  expect((await playback.answer(query, { ids: [{ __typename: 'Track', id }] }))['_entities']).toEqual([
    { playable: { reason: 'TAKEN_DOWN' } },
  ])
  await playback.say('catalog', 'catalog.track-changed.v1', { ...change, version: 3 })
  await expect.poll(() => codeOf(manifest), { timeout: 1_000, interval: 20 }).toBe('KEY')
})

test('a renewal moves no byte: its playlists are the same to the letter', async () => {
  const person = await playback.addPerson('renewing')
  const manifest = await start(person)
  const { playbackRenew } = await playback.answer(
    'PlaybackRenew',
    { playbackId: manifest['playbackId'] },
    person.identity,
  )
  for (const name of ['master.m3u8', 'low/index.m3u8', 'high/index.m3u8', 'lossless/index.m3u8']) {
    const [first, second] = [manifest['url'], playbackRenew?.['url']].map(async (url) =>
      (await fetch(here(url).replace('master.m3u8', name))).text(),
    )
    expect(await second).toBe(await first)
  }
})

test('the database holds no key that opens anything, and each is wrapped anew when the wrapping key changes', async () => {
  const manifest = await start(await playback.addPerson('rest'))
  const key = Buffer.from(await (await keyOf(manifest)).arrayBuffer())
  const rows = await playback.db.contentKey.findMany()
  const text = (kid: string) => ({ [kid]: Buffer.alloc(32, kid).toString('base64url') })
  const old = parseKeyRing(JSON.stringify({ active: 'old', keys: text('old') }))
  const both = parseKeyRing(JSON.stringify({ active: 'new', keys: { ...text('old'), ...text('new') } }))
  const after = parseKeyRing(JSON.stringify({ active: 'new', keys: text('new') }))
  const file = { assetId: 'rotated', quality: 'HIGH' } as const
  const made = await createContentKeys(playback.db, () => old).find(file)

  expect(rows.length).toBeGreaterThan(0)
  for (const { wrapped } of rows) expect(Buffer.from(wrapped).includes(key)).toBe(false)
  const own = { kek: { notIn: ['old', 'new'] } }
  const others = await playback.db.contentKey.findMany({ where: own })
  expect(await createContentKeys(playback.db, () => both).rewrap()).toBe(1)
  expect(await createContentKeys(playback.db, () => after).find(file)).toEqual(made)
  await expect(createContentKeys(playback.db, () => old).find(file)).rejects.toThrow()
  expect(await playback.db.contentKey.findMany({ where: own })).toEqual(others)
})

test('of many that need a key first, all get the same', async () => {
  const ring = parseKeyRing(JSON.stringify({ active: 'k', keys: { k: 'A'.repeat(43) } }))
  const file = { assetId: 'rushed', quality: 'LOSSLESS' } as const
  const keys = await Promise.all(
    Array.from({ length: 20 }, () => createContentKeys(playback.db, () => ring).find(file)),
  )

  expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1)
})
