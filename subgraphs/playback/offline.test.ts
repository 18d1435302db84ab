import { createDecipheriv, createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { compactDecrypt, createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { derivedId } from '#shared/id.ts'
import { OFFLINE } from './config.ts'
import { writeAsset } from './testing/edge-server.ts'
import { createTestRoom, type Json, list, type Person, type TestRoom } from './testing/playback-room.ts'
import { assetOf, NOW } from './testing/signed.ts'

let playback: TestRoom
let server: Server
let address: string
let songs: string[]
let files: Map<string, Buffer>

beforeAll(async () => {
  playback = await createTestRoom()
  const assets = ['one', 'two', 'three', 'four'].map((key) => assetOf(key, 20_100))
  const written = await Promise.all(assets.map((asset) => writeAsset(join(playback.home, 'audio'), asset)))
  files = new Map(written.flatMap((map) => [...map]))
  songs = await Promise.all(
    assets.map((asset) => playback.addPlayable(asset.assetId, { asset, durationMs: 60_000 })),
  )
  server = createServer((request, response) => {
    if (!playback.room.handlers.some((handler) => handler(request, response))) response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}, 60_000)
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await playback[Symbol.asyncDispose]()
})

const ADD = `mutation ($input: OfflineAddInput!) {
  offlineAdd(input: $input) { revision added tooMany estimatedBytes userErrors { code field } } }`
const REMOVE = `mutation ($input: OfflineRemoveInput!) {
  offlineRemove(input: $input) { revision removed userErrors { code } } }`
const RENEW = `mutation ($input: OfflineLicenceRenewInput!) {
  offlineLicenceRenew(input: $input) { licence { token expiresAt keys { keyId key } } userErrors { code } } }`
const DELTA = `query ($deviceId: ID!, $since: Int!) { offlineDelta(deviceId: $deviceId, sinceRevision: $since) {
  revision hasMore usedTracks quotaTracks tasks { action track { id } quality state bytes url keyId } licence { token expiresAt } } }`

const add = async (person: Person, ids: readonly unknown[], input: object = {}): Promise<Json> => {
  const whole = { deviceId: person.deviceId, ids, quality: 'HIGH', ...input }
  return (await playback.answer(ADD, { input: whole }, person.identity))['offlineAdd'] as Json
}
const remove = async (person: Person, ids: readonly unknown[], deviceId = person.deviceId): Promise<Json> =>
  (await playback.answer(REMOVE, { input: { deviceId, ids } }, person.identity))['offlineRemove'] as Json
const renew = async (person: Person, input: object = {}): Promise<Json> =>
  (await playback.answer(RENEW, { input: { deviceId: person.deviceId, ...input } }, person.identity))[
    'offlineLicenceRenew'
  ] as Json
const delta = async (person: Person, since: unknown = 0, deviceId = person.deviceId): Promise<Json> =>
  (await playback.answer(DELTA, { deviceId, since }, person.identity))['offlineDelta'] as Json
const codeOf = (answer: Json): unknown => list(answer['userErrors'])[0]?.['code'] ?? null
/** In the order of ids: files are made in any. */
const tasksOf = (answer: Json): string[] =>
  list(answer['tasks'])
    .map((task) => `${task['action']} ${task['track']?.['id']}`)
    .sort()
const fetchFile = (url: unknown, init: RequestInit = {}): Promise<Response> =>
  fetch(String(url).replace('http://music.test', address), init)

/** The delta once everything that is to be packaged has been. */
async function packaged(person: Person): Promise<Json> {
  return expect
    .poll(
      async () => {
        const answer = await delta(person)
        return list(answer['tasks']).every(({ state }) => String(state) === 'READY') ? answer : null
      },
      { timeout: 10_000 },
    )
    .not.toBeNull()
    .then(() => delta(person))
}
async function lapse({ userId }: Person, tier = 'FREE', version = 2): Promise<void> {
  await playback.say('users', 'users.account-changed.v1', { userId, tier, country: 'SE', version })
  await expect.poll(() => playback.db.account.count({ where: { userId, tier } })).toBe(1)
}

test('what is added is packaged for the device alone, and opens with the key of its licence', async () => {
  const ada = await playback.addPerson('ada')

  const added = await add(ada, songs.slice(0, 2))
  const { licence, userErrors } = await renew(ada)
  const answer = await packaged(ada)

  expect(added).toMatchObject({
    revision: 2,
    added: 2,
    tooMany: 0,
    estimatedBytes: 2 * (20_100 + 32),
    userErrors: [],
  })
  expect(userErrors).toEqual([])
  expect(answer).toMatchObject({ usedTracks: 2, quotaTracks: 10_000, hasMore: false })
  const key = Buffer.from(String(list(licence?.['keys'])[0]?.['key']), 'base64')
  for (const task of list(answer['tasks'])) {
    const response = await fetchFile(task['url'])
    const bytes = Buffer.from(await response.arrayBuffer())
    const decipher = createDecipheriv('aes-128-cbc', key, bytes.subarray(0, 16))
    const clear = Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()])
    expect(bytes.length).toBe(Number(task['bytes']))
    expect(
      clear.equals(files.get(`${task['track']?.['id'] === songs[0] ? 'one' : 'two'}/high.mp4`) as Buffer),
    ).toBe(true)
    expect(String(task['keyId'])).toBe(String(list(licence?.['keys'])[0]?.['keyId']))
  }
})

test('two devices get two files of one track, and neither key opens the other’s', async () => {
  const bea = await playback.addPerson('bea')
  const phone = { ...bea, deviceId: await playback.addDevice(bea, 'phone') }
  await Promise.all([add(bea, songs.slice(0, 1)), add(phone, songs.slice(0, 1))])

  const answers = await Promise.all([packaged(bea), packaged(phone)])
  const bodies = await Promise.all(
    answers.map(async (answer) => (await fetchFile(list(answer['tasks'])[0]?.['url'])).arrayBuffer()),
  )
  const keys = (await Promise.all([renew(bea), renew(phone)])).map((answer) => answer['licence']?.['keys'])

  expect(
    new Set(bodies.map((body) => createHash('sha256').update(Buffer.from(body)).digest('hex'))).size,
  ).toBe(2)
  expect(keys[0]).not.toEqual(keys[1])
})

test('a file is served by range, and to nobody once the device holds it no more', async () => {
  const cleo = await playback.addPerson('cleo')
  await add(cleo, songs.slice(0, 1))
  const { url } = list((await packaged(cleo))['tasks'])[0] as Json
  const whole = Buffer.from(await (await fetchFile(url)).arrayBuffer())

  const part = await fetchFile(url, { headers: { range: 'bytes=16-31' } })
  expect(part.status).toBe(206)
  expect(Buffer.from(await part.arrayBuffer()).equals(whole.subarray(16, 32))).toBe(true)
  const text = String(url)
  const forged = [
    `${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`,
    text.replace('/offline/', '/offline/x'),
    `${text}?x`,
  ]
  for (const bad of forged) {
    const refusal = await fetchFile(bad)
    expect([refusal.status, await refusal.text()]).toEqual([403, ''])
  }
  playback.clock.now = NOW + 7 * 3_600_000
  expect((await fetchFile(url)).status).toBe(403)
  playback.clock.now = NOW
  await remove(cleo, songs.slice(0, 1))
  expect((await fetchFile(url)).status).toBe(403)
  await expect
    .poll(() => playback.db.offlineTrack.count({ where: { userId: cleo.userId, path: { not: null } } }))
    .toBe(0)
})

test('of a thousand at once at the limit minus one exactly one fits', async () => {
  const dora = await playback.addPerson('dora')
  await add(dora, [songs[0]])
  await playback.db.$executeRaw`
    WITH held AS (UPDATE offline_device SET used = ${OFFLINE.tracks - 1} WHERE user_id = ${dora.userId} RETURNING user_id)
    INSERT INTO offline_track (user_id, device_id, track_id, quality, revision, is_removed, state, due_at)
    SELECT user_id, ${dora.deviceId}, 'track_' || n, 'LOW', n, false, 'FAILED', now()
      FROM held, generate_series(2, ${OFFLINE.tracks - 1}) AS n`
  const more = Array.from({ length: 1_000 }, (_, n) => ({
    id: derivedId('track', `more ${n}`),
    kind: 'TRACK',
    title: 'x',
  }))
  await playback.db.playable.createMany({
    data: more.map((row) => ({ ...row, durationMs: 1_000, isComposable: false, version: 1 })),
  })
  await playback.db.$executeRaw`UPDATE playable SET markets = NULL WHERE title = 'x'`

  const answers = await Promise.all(more.map(({ id }) => add(dora, [id])))

  expect(answers.filter((answer) => codeOf(answer) === null).map(({ added }) => added)).toEqual([1])
  expect(answers.filter((answer) => codeOf(answer) === 'LIMIT_REACHED')).toHaveLength(999)
  const held = await playback.db.offlineTrack.count({ where: { userId: dora.userId, isRemoved: false } })
  expect([held, (await delta(dora))['usedTracks']]).toEqual([OFFLINE.tracks, OFFLINE.tracks])
}, 120_000)

test('five devices hold music, a sixth does not until one of them holds nothing or is removed', async () => {
  const eve = await playback.addPerson('eve')
  const devices = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => playback.addDevice(eve, `d${n}`)))
  const attempts = await Promise.all(
    devices.flatMap((deviceId) => [1, 2, 3].map(() => add({ ...eve, deviceId }, [songs[0]]))),
  )

  const refused = attempts.filter((answer) => codeOf(answer) === 'LIMIT_REACHED')
  expect(refused).toHaveLength(3)
  const holders = await playback.db.offlineSource.groupBy({ by: ['deviceId'], where: { userId: eve.userId } })
  expect(holders).toHaveLength(OFFLINE.devices)
  const [first, second] = holders.map(({ deviceId }) => deviceId) as [string, string]
  const sixth = devices.find((id) => !holders.some(({ deviceId }) => deviceId === id)) as string
  await remove(eve, [songs[0]], first)
  expect(codeOf(await add({ ...eve, deviceId: sixth }, [songs[0]]))).toBeNull()
  expect(codeOf(await add({ ...eve, deviceId: first }, [songs[0]]))).toBe('LIMIT_REACHED')
  const gone = { userId: eve.userId, deviceId: second, isRemoved: true, version: 2 }
  await playback.say('users', 'users.device-changed.v1', gone)
  await expect.poll(() => playback.db.device.count({ where: { deviceId: second, isRemoved: true } })).toBe(1)
  expect(codeOf(await add({ ...eve, deviceId: first }, [songs[0]]))).toBeNull()
})

test('a lapse in the middle of a run ends it: nothing is added or licensed after it is known', async () => {
  const fay = await playback.addPerson('fay')
  await add(fay, [songs[0]])
  let isLapsed = false
  const lateSuccesses: unknown[] = []
  const outcomes = new Set<unknown>()
  const run = async (): Promise<void> => {
    for (let n = 0; n < 30; n++) {
      const wasLapsed = isLapsed
      const code = codeOf(n % 2 === 0 ? await renew(fay) : await add(fay, [songs[n % 4]]))
      outcomes.add(code)
      if (wasLapsed && code !== 'TIER') lateSuccesses.push(code)
    }
  }
  const running = Promise.all([run(), run(), run(), run()])
  await new Promise((resolve) => setTimeout(resolve, 100))
  await lapse(fay)
  isLapsed = true
  await running

  expect(lateSuccesses).toEqual([])
  expect(outcomes).toEqual(new Set([null, 'TIER']))
  const { counter } = await playback.db.offlineDevice.findFirstOrThrow({ where: { userId: fay.userId } })
  expect(codeOf(await renew(fay))).toBe('TIER')
  expect((await playback.db.offlineDevice.findFirstOrThrow({ where: { userId: fay.userId } })).counter).toBe(
    counter,
  )
  expect(list((await delta(fay))['tasks']).every(({ url }) => url === null)).toBe(true)
  await lapse(fay, 'PREMIUM', 3)
  expect(codeOf(await renew(fay))).toBeNull()
})

test('whoever is FREE holds nothing', async () => {
  const gus = await playback.addPerson('gus', { tier: 'FREE' })

  expect(codeOf(await add(gus, [songs[0]]))).toBe('TIER')
  expect(codeOf(await renew(gus))).toBe('TIER')
  expect(await delta(gus)).toMatchObject({ revision: 0, usedTracks: 0, tasks: [], licence: null })
})

test('a licence is for thirty days and one device, and is checked with a public key', async () => {
  const hal = await playback.addPerson('hal')
  await add(hal, [songs[0]])
  const { licence } = await renew(hal)
  const keySet = createLocalJWKSet(await (await fetch(`${address}/offline/keys`)).json())

  const { payload } = await jwtVerify(String(licence?.['token']), keySet, { currentDate: new Date(NOW) })

  expect(payload).toMatchObject({
    sub: hal.userId,
    did: hal.deviceId,
    cnt: 2,
    iat: NOW / 1_000,
    exp: NOW / 1_000 + 30 * 86_400,
  })
  expect((await delta(hal))['licence']).toEqual({
    token: licence?.['token'],
    expiresAt: licence?.['expiresAt'],
  })
})

test('a device that was taken back in time gets no licence for it, and our clock set back shortens none', async () => {
  const ida = await playback.addPerson('ida')
  await add(ida, [songs[0]])
  const first = (await renew(ida))['licence']?.['token']
  const second = (await renew(ida, { token: first }))['licence']?.['token']
  // The answer to the last one may have been lost.
  expect(codeOf(await renew(ida, { token: first }))).toBeNull()

  expect(codeOf(await renew(ida, { token: first }))).toBe('CONFLICT')
  expect(codeOf(await renew(ida, { token: second }))).toBeNull()
  expect(codeOf(await renew(ida, { token: `${second}x` }))).toBe('BAD_USER_INPUT')
  const other = await playback.addPerson('ida’s friend')
  await add(other, [songs[0]])
  expect(codeOf(await renew(other, { token: second }))).toBe('BAD_USER_INPUT')
  playback.clock.now = NOW - 86_400_000
  expect((await renew(ida))['licence']?.['expiresAt']).toBe(new Date(NOW + OFFLINE.licenceMs).toISOString())
  playback.clock.now = NOW
})

test('a device that named a public key alone can open its keys', async () => {
  const jo = await playback.addPerson('jo')
  const { publicKey, privateKey } = await generateKeyPair('RSA-OAEP-256', { extractable: true })
  const named = { deviceId: jo.deviceId, publicKey: JSON.stringify(await exportJWK(publicKey)) }
  await playback.say('users', 'users.device-changed.v1', {
    userId: jo.userId,
    ...named,
    isRemoved: false,
    version: 2,
  })
  await expect
    .poll(() => playback.db.device.count({ where: { userId: jo.userId, publicKey: { not: null } } }))
    .toBe(1)
  await add(jo, [songs[0]])

  const { licence } = await renew(jo)

  const { plaintext } = await compactDecrypt(String(list(licence?.['keys'])[0]?.['key']), privateKey)
  expect(plaintext).toHaveLength(16)
})

test('what a device holds follows its playlists and albums, and who may see them', async () => {
  const [kim, lea] = await Promise.all([playback.addPerson('kim'), playback.addPerson('lea')])
  const playlistId = derivedId('playlist', 'mix')
  const albumId = derivedId('album', 'lp')
  const [one, two, three, four] = songs as [string, string, string, string]
  let revision = 1
  const details = { playlistId, ownerId: lea.userId, visibility: 'PUBLIC', isDeleted: false }
  const say = (topic: string, payload: object): Promise<void> =>
    playback.sayOfPlaylist(`playlists.${topic}.v1`, playlistId, payload)
  const edit = async (...ops: object[]): Promise<void> => {
    await say('items-changed', { playlistId, revision: ++revision, ops })
    await expect.poll(() => playback.db.playlistCopy.count({ where: { id: playlistId, revision } })).toBe(1)
  }
  await say('playlist-changed', { ...details, revision })
  await edit({
    kind: 'ItemsAdded',
    after: null,
    items: [
      { id: 'i1', trackId: one },
      { id: 'i2', trackId: two },
    ],
  })

  expect(await add(kim, [playlistId])).toMatchObject({ added: 2, userErrors: [] })
  const before = await packaged(kim)
  expect(tasksOf(before)).toEqual([`STORE ${one}`, `STORE ${two}`].sort())
  await edit(
    { kind: 'ItemsAdded', after: 'i2', items: [{ id: 'i3', trackId: three }] },
    { kind: 'ItemsRemoved', itemIds: ['i1'] },
  )
  await edit({ kind: 'ItemsMoved', itemIds: ['i3'], after: null })
  const changes = tasksOf(await delta(kim, before['revision']))
  expect(changes).toEqual([`DELETE ${one}`, `STORE ${three}`])
  expect((await playback.db.playlistCopy.findUniqueOrThrow({ where: { id: playlistId } })).itemIds).toEqual([
    'i3',
    'i2',
  ])

  await playback.say(
    'catalog',
    'catalog.track-changed.v1',
    ...[
      {
        trackId: four,
        title: 'four',
        durationMs: 60_000,
        isComposable: false,
        albumId,
        discNumber: 1,
        trackNumber: 2,
        version: 2,
      },
      {
        trackId: three,
        title: 'three',
        durationMs: 60_000,
        isComposable: false,
        albumId,
        discNumber: 1,
        trackNumber: 1,
        version: 2,
      },
    ],
  )
  await expect.poll(() => playback.db.albumTrack.count({ where: { albumId } })).toBe(2)
  expect(await add(kim, [albumId])).toMatchObject({ added: 1 })
  expect((await delta(kim))['usedTracks']).toBe(3)
  expect(await remove(kim, [playlistId])).toMatchObject({ removed: 1 })
  expect((await delta(kim))['usedTracks']).toBe(2)

  expect(await add(kim, [playlistId])).toMatchObject({ added: 1 })
  await say('playlist-changed', { ...details, visibility: 'PRIVATE', revision: ++revision })
  await expect.poll(async () => (await delta(kim))['usedTracks']).toBe(2)
  expect(codeOf(await add(kim, [playlistId]))).toBe('NOT_FOUND')
  expect(codeOf(await add(kim, [derivedId('playlist', 'never')]))).toBe('NOT_FOUND')
  await say('member-changed', { playlistId, userId: kim.userId, isMember: true })
  await expect.poll(async () => (await delta(kim))['usedTracks']).toBe(3)
  await say('playlist-changed', { ...details, revision: ++revision, isDeleted: true })
  await expect.poll(async () => (await delta(kim))['usedTracks']).toBe(2)
}, 30_000)

test('a device is told a stretch at a time, and of nothing twice', async () => {
  const mia = await playback.addPerson('mia')
  const many = Array.from({ length: 700 }, (_, n) => derivedId('track', `more ${n}`))
  await add(mia, many.slice(0, 400))
  await add(mia, many.slice(400))
  await expect
    .poll(() => playback.db.offlineTrack.count({ where: { userId: mia.userId, state: 'FAILED' } }), {
      timeout: 20_000,
    })
    .toBe(700)

  const first = await delta(mia)
  const second = await delta(mia, first['revision'])

  expect([list(first['tasks']).length, first['hasMore']]).toEqual([500, true])
  expect([list(second['tasks']).length, second['hasMore']]).toEqual([200, false])
  expect(new Set([...tasksOf(first), ...tasksOf(second)]).size).toBe(700)
  expect(list((await delta(mia, second['revision']))['tasks'])).toEqual([])
  const beyond = [Number(second['revision']) + 1, -1].map((since) =>
    playback.ask(DELTA, { deviceId: mia.deviceId, since }, mia.identity),
  )
  const codes = (await Promise.all(beyond)).map(({ errors }) => errors?.[0]?.extensions?.['code'])
  expect(codes).toEqual(['BAD_USER_INPUT', 'BAD_USER_INPUT'])
}, 60_000)

test('what belongs to others, or is nothing, is refused and changes nothing', async () => {
  const [nia, oda] = await Promise.all([playback.addPerson('nia'), playback.addPerson('oda')])
  const revisions = (): Promise<unknown> => playback.db.offlineDevice.count({ where: { userId: nia.userId } })

  expect(codeOf(await add(nia, [songs[0]], { deviceId: oda.deviceId }))).toBe('NOT_FOUND')
  expect(codeOf(await add(nia, [songs[0]], { deviceId: 'device\u0000' }))).toBe('NOT_FOUND')
  expect(codeOf(await add(nia, []))).toBe('BAD_USER_INPUT')
  expect(codeOf(await add(nia, [songs[0], 'track\u0000']))).toBe('NOT_FOUND')
  expect(codeOf(await add(nia, [songs[0], derivedId('track', 'nobody')]))).toBe('NOT_FOUND')
  expect(
    codeOf(
      await add(
        nia,
        Array.from({ length: 501 }, () => songs[0]),
      ),
    ),
  ).toBe('BAD_USER_INPUT')
  expect(codeOf(await renew(nia))).toBe('NOT_FOUND')
  expect(await delta(nia, 0, oda.deviceId)).toBeNull()
  expect(await playback.fault(ADD, { input: { deviceId: nia.deviceId, ids: songs, quality: 'LOW' } })).toBe(
    'UNAUTHENTICATED',
  )
  expect(await revisions()).toBe(0)
})

test('what was played without a network counts when it is told, by a clock that was a day off', async () => {
  const pia = await playback.addPerson('pia')
  await add(pia, [songs[0]])
  playback.clock.now = NOW + 20 * 86_400_000
  const off = 86_400_000
  const at = (agoMs: number): string => new Date(playback.clock.now - agoMs + off).toISOString()
  const plays = [
    {
      playId: 'p1',
      trackId: songs[0],
      events: [
        { eventId: 'e1', kind: 'START', positionMs: 0, at: at(10 * 86_400_000) },
        { eventId: 'e2', kind: 'COMPLETE', positionMs: 60_000, at: at(10 * 86_400_000 - 60_000) },
        { eventId: 'e3', kind: 'HEARTBEAT', positionMs: 99_000_000, at: at(10 * 86_400_000 - 1_000) },
        { eventId: 'e4', kind: 'HEARTBEAT', positionMs: 1, at: at(-60_000) },
        { eventId: 'e5', kind: 'HEARTBEAT', positionMs: 1, at: at(40 * 86_400_000) },
      ],
    },
    {
      playId: 'p2',
      trackId: songs[1],
      events: [{ eventId: 'e6', kind: 'START', positionMs: 0, at: at(1_000) }],
    },
  ]
  const report = async (sentAt = at(0)): Promise<Json> => {
    const query = `mutation ($input: OfflineReportInput!) { offlineReport(input: $input) { accepted rejected { eventId code } } }`
    const input = { deviceId: pia.deviceId, sentAt, plays }
    return (await playback.answer(query, { input }, pia.identity))['offlineReport'] as Json
  }

  const told = {
    accepted: 2,
    rejected: [
      ...['e3', 'e4', 'e5'].map((eventId) => ({ eventId, code: 'BAD_USER_INPUT' })),
      { eventId: 'e6', code: 'NOT_FOUND' },
    ],
  }
  expect(await report()).toEqual(told)
  expect(await report()).toEqual(told)
  const counted = (await playback.events('playback.play-counted.v1')).filter(
    ({ userId }) => String(userId) === pia.userId,
  )
  expect(counted).toHaveLength(1)
  const session = await playback.db.playbackSession.findFirstOrThrow({ where: { userId: pia.userId } })
  expect(session).toMatchObject({
    heardMs: 60_000,
    startedAt: new Date(playback.clock.now - 10 * 86_400_000),
  })
  playback.clock.now = NOW
})
