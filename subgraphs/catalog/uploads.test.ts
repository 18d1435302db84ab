import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '#shared/id.ts'
import { openStorage } from '#shared/storage/open-storage.ts'
import { createLogger } from '#shared/telemetry.ts'
import { HAS_S3, startS3 } from '#shared/testing/s3.ts'
import { createUploadClearing } from './jobs/upload-clearing.ts'
import { ANN, createUploadHouse, manager, type UploadHouse } from './testing/upload-house.ts'
import { keyOf, MOST_OPEN, trackIdOf } from './uploads/uploads.ts'

const OWNER = manager()

let house: UploadHouse
let wav: Buffer

beforeAll(async () => {
  house = await createUploadHouse()
  wav = await house.record('night.wav')
})
afterAll(() => house[Symbol.asyncDispose]())

const SHARE = expect.toSatisfy((value: number) => value >= 0 && value <= 1, 'is a share')
/** Nobody tells the features of an upload: a program hears them, and they are said to be no more than that. */
const HEARD = {
  isEstimate: true,
  tempo: expect.toSatisfy((tempo: number) => tempo > 0),
  key: expect.toSatisfy((key: number) => Number.isInteger(key) && key >= 0 && key < 12),
  mode: expect.toBeOneOf([0, 1]),
  loudness: expect.toSatisfy((decibels: number) => decibels < 0 && decibels > -60),
  energy: SHARE,
  danceability: SHARE,
  valence: SHARE,
  acousticness: SHARE,
  instrumentalness: SHARE,
  speechiness: SHARE,
}

/** Uploads this file whole; the upload as it was created. */
async function send(bytes: Buffer, input: object = {}) {
  const { upload, userErrors } = await house.create({ sizeBytes: bytes.length, ...input }, OWNER)
  expect(userErrors).toEqual([])
  expect(await house.put(upload.uploadUrl, bytes)).toBe(200)
  return upload
}
const incoming = () => readdir(join(house.catalog.home, 'audio', 'incoming')).catch(() => [])
const tracks = () => house.catalog.db.track.count({ where: { source: 'upload' } })

test('a recording that is put where it is awaited becomes a track of its artist, with its audio', async () => {
  const upload = await send(wav, { title: ' Night ', markets: ['SE', 'DE', 'SE'] })
  const made = await house.becomes(upload.id, 'READY', OWNER)

  expect(upload).toMatchObject({ state: 'WAITING', progress: 0, failure: null, track: null })
  expect(new Date(upload.expiresAt).getTime() - Date.now()).toBeGreaterThan(55 * 60_000)
  expect(made).toEqual({
    id: upload.id,
    state: 'READY',
    progress: 1,
    uploadUrl: null,
    expiresAt: null,
    failure: null,
    track: { id: trackIdOf(upload.id), title: 'Night', durationMs: 3_000 },
  })
  const { track, search } = await house.catalog.answer(
    `query ($id: ID!) { track(id: $id) { markets artists { id } album { title kind releaseDate artists { id } }
         audioFeatures { isEstimate tempo key mode energy danceability valence acousticness instrumentalness loudness speechiness } }
       search(query: "Night") { tracks { edges { node { id } } } } }`,
    { id: trackIdOf(upload.id) },
  )
  expect(track).toEqual({
    markets: ['DE', 'SE'],
    artists: [{ id: ANN }],
    album: {
      title: 'Night',
      kind: 'SINGLE',
      releaseDate: new Date().toISOString().slice(0, 10),
      artists: [{ id: ANN }],
    },
    audioFeatures: HEARD,
  })
  expect(search.tracks.edges).toEqual([{ node: { id: trackIdOf(upload.id) } }])
  const [told] = (await house.catalog.events('catalog.track-changed.v1')).filter(
    ({ trackId }) => trackId === trackIdOf(upload.id),
  )
  expect(told?.['features']).toMatchObject({ energy: SHARE, loudness: track.audioFeatures.loudness })
  const [packaged] = await house.catalog.events('catalog.audio-packaged.v1')
  expect(packaged).toMatchObject({ playableId: trackIdOf(upload.id), asset: { durationMs: 3_000 } })
  await expect.poll(incoming).toEqual([])
})

test('several tracks of one album are numbered as they come', async () => {
  const one = await send(wav, { title: 'One', albumTitle: 'Tide' })
  await house.becomes(one.id, 'READY', OWNER)
  const two = await send(await house.record('two.flac'), { title: 'Two', albumTitle: 'Tide', fileName: 'x' })
  await house.becomes(two.id, 'READY', OWNER)

  const { track } = await house.catalog.answer(
    'query ($id: ID!) { track(id: $id) { album { title kind tracks { nodes { title trackNumber } } } } }',
    { id: trackIdOf(one.id) },
  )
  expect(track.album).toEqual({
    title: 'Tide',
    kind: 'ALBUM',
    tracks: {
      nodes: [
        { title: 'One', trackNumber: 1 },
        { title: 'Two', trackNumber: 2 },
      ],
    },
  })
})

test.each<[string, () => Buffer, string]>([
  [
    'a zip called .mp3',
    () => Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(2_000, 7)]),
    'NOT_AUDIO',
  ],
  ['a text', () => Buffer.from('la '.repeat(1_000)), 'NOT_AUDIO'],
  ['a WAV whose end is missing', () => wav.subarray(0, 100_000), 'TRUNCATED'],
  ['a WAV with nothing in it', () => Buffer.concat([wav.subarray(0, 36), Buffer.alloc(2_000)]), ''],
])('%s fails with the reason, and nothing is left of it', async (_, bytes, code) => {
  const before = await tracks()
  const upload = await send(bytes(), { fileName: 'night.mp3' })
  const failed = await house.becomes(upload.id, 'FAILED', OWNER)

  expect(failed['failure'].code).toMatch(code === '' ? /^[A-Z_]+$/ : new RegExp(`^${code}$`))
  expect(failed['failure'].message).not.toBe('')
  expect(failed).toMatchObject({ track: null, uploadUrl: null, progress: 0 })
  expect(await tracks()).toBe(before)
  await expect.poll(incoming, { timeout: 5_000 }).toEqual([])
})

test('an address takes as many bytes as were announced, and no others', async () => {
  const { upload } = await house.create({ sizeBytes: wav.length }, OWNER)
  const longer = upload.uploadUrl.replace(`bytes=${wav.length}`, `bytes=${wav.length + 1}`)

  expect(await house.put(upload.uploadUrl, Buffer.concat([wav, Buffer.alloc(1)]))).toBe(411)
  expect(await house.put(upload.uploadUrl, wav.subarray(1))).toBe(411)
  expect(await house.put(longer, Buffer.concat([wav, Buffer.alloc(1)]))).toBe(403)
  expect(await house.put(upload.uploadUrl.replace('upload_', 'upload_x'), wav)).toBe(403)
  expect(await incoming()).toEqual([])
  expect((await house.becomes(upload.id, 'WAITING', OWNER))['uploadUrl']).toBe(upload.uploadUrl)
})

test('a file of another size than was announced fails, whoever put it there', async () => {
  const { upload } = await house.create({ sizeBytes: 5_000 }, OWNER)
  const storage = await openStorage({ home: house.catalog.home, publicUrl: '' })
  await storage.put(keyOf(upload.id), Buffer.alloc(4_999))

  expect((await house.becomes(upload.id, 'FAILED', OWNER))['failure']).toEqual({
    code: 'SIZE',
    message: 'It has 4999 bytes, and 5000 were announced',
  })
})

test('a second PUT changes nothing, and goes with the next clearing', async () => {
  const upload = await send(wav, { title: 'Twice' })
  await house.becomes(upload.id, 'READY', OWNER)
  const before = await tracks()
  await expect.poll(incoming).toEqual([])

  expect(await house.put(upload.uploadUrl, await house.record('other.wav'))).toBe(200)
  const { upload: open } = await house.create({ sizeBytes: wav.length + 1 }, OWNER)
  const storage = await openStorage({ home: house.catalog.home, publicUrl: '' })
  const clearing = createUploadClearing(house.catalog.db, storage, createLogger('test', 'silent'))

  expect(await incoming()).toEqual([upload.id])
  expect(await clearing.run()).toBe(1)
  expect(await incoming()).toEqual([])
  expect(await tracks()).toBe(before)
  expect((await house.becomes(open.id, 'WAITING', OWNER))['uploadUrl']).not.toBeNull()
})

test('what is awaited is not cleared, what came to nothing is forgotten after a month', async () => {
  const { db, home } = house.catalog
  const [awaited, young, old] = [newId('upload'), newId('upload'), newId('upload')]
  const insert = (id: string, state: string, age: string) => db.$executeRaw`
    INSERT INTO upload (id, artist_id, user_id, title, file_name, size_bytes, state, failure_code, failure_message, created_at, expires_at, look_at)
    VALUES (${id}, ${ANN}, ${OWNER.userId}, 'T', 'f', 9999, ${state}, CASE ${state} WHEN 'FAILED' THEN 'X' END, CASE ${state} WHEN 'FAILED' THEN 'x' END,
            now() - ${age}::interval, now() + interval '1 hour', now() + interval '1 hour')`
  await insert(awaited, 'WAITING', '40 days')
  await insert(young, 'FAILED', '29 days 23 hours')
  await insert(old, 'FAILED', '30 days 1 hour')
  const storage = await openStorage({ home, publicUrl: '' })
  await storage.put(keyOf(awaited), Buffer.alloc(9_999))

  await createUploadClearing(db, storage, createLogger('test', 'silent')).run()

  const left = await db.upload.findMany({
    where: { id: { in: [awaited, young, old] } },
    select: { id: true },
  })
  expect(left.map(({ id }) => id).sort()).toEqual([awaited, young].sort())
  expect(await incoming()).toEqual([awaited])
  await storage.delete([keyOf(awaited)])
  await db.upload.deleteMany({ where: { id: awaited } })
})

test('an address is open for an hour; a file that never came is said so after a quarter more', async () => {
  const { db } = house.catalog
  const { upload } = await house.create({ sizeBytes: wav.length }, OWNER)
  const expire = (age: string) => db.$executeRaw`
    UPDATE upload SET expires_at = now() - ${age}::interval, look_at = now() WHERE id = ${upload.id}`

  await expire('1 second')
  expect(await house.becomes(upload.id, 'WAITING', OWNER)).toMatchObject({ uploadUrl: null })
  await expire('14 minutes')
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  await house.becomes(upload.id, 'WAITING', OWNER)
  await expire('16 minutes')
  expect((await house.becomes(upload.id, 'FAILED', OWNER))['failure']).toEqual({
    code: 'EXPIRED',
    message: 'No file came while its address was open',
  })
})

test('what another process had received is transcoded here', async () => {
  const { db, home } = house.catalog
  const id = newId('upload')
  const storage = await openStorage({ home, publicUrl: '' })
  await storage.put(keyOf(id), wav)
  // It died after it had told the queue.
  await db.$transaction([
    db.$executeRaw`
      INSERT INTO upload (id, artist_id, user_id, title, file_name, size_bytes, state, expires_at, look_at)
      VALUES (${id}, ${ANN}, ${OWNER.userId}, 'Left behind', 'f', ${wav.length}, 'RECEIVED', now(), now() + interval '1 hour')`,
    db.$executeRaw`INSERT INTO transcode_job (id, kind) VALUES (${id}, 'UPLOAD')`,
  ])

  expect((await house.becomes(id, 'READY', OWNER))['track'].title).toBe('Left behind')
})

test('while it is transcoded it says so, and how far it is', async () => {
  const { db } = house.catalog
  const id = newId('upload')
  await db.$transaction([
    db.$executeRaw`
      INSERT INTO upload (id, artist_id, user_id, title, file_name, size_bytes, state, expires_at, look_at)
      VALUES (${id}, ${ANN}, ${OWNER.userId}, 'Half', 'f', 9999, 'RECEIVED', now(), now() + interval '1 hour')`,
    db.$executeRaw`
      INSERT INTO transcode_job (id, kind, state, progress, leased_by, leased_until)
      VALUES (${id}, 'UPLOAD', 'RUNNING', 0.5, 'another process', now() + interval '1 hour')`,
  ])

  expect(await house.becomes(id, 'TRANSCODING', OWNER)).toMatchObject({
    progress: 0.5,
    uploadUrl: null,
    expiresAt: null,
    failure: null,
    track: null,
  })
  await db.$executeRaw`
    UPDATE transcode_job SET state = 'QUEUED', leased_by = NULL, leased_until = NULL, queued_at = now() + interval '1 hour' WHERE id = ${id}`
  expect(await house.becomes(id, 'RECEIVED', OWNER)).toMatchObject({ progress: 0, uploadUrl: null })
})

test('only who manages an artist uploads for them, and only who may see an upload does', async () => {
  const stranger = manager({ artists: [] })
  const other = manager()
  const admin = manager({ artists: [], role: 'ADMIN' })
  const { upload } = await house.create({}, OWNER)
  const query = `query ($id: ID!, $representations: [_Any!]!) { upload(id: $id) { id } node(id: $id) { id } nodes(ids: [$id]) { id }
    _entities(representations: $representations) { ... on Upload { id uploadUrl } } }`
  const seen = async (identity: typeof OWNER, id = upload.id) => {
    const answer = await house.ask(query, { id, representations: [{ __typename: 'Upload', id }] }, identity)
    return [answer['upload'], answer['node'], answer['nodes'][0], answer['_entities'][0]].map(
      (node) => node?.id,
    )
  }

  expect(await seen(OWNER)).toEqual(Array(4).fill(upload.id))
  expect(await seen(other)).toEqual(Array(4).fill(upload.id))
  expect(await seen(admin)).toEqual(Array(4).fill(upload.id))
  expect(await seen(stranger)).toEqual(Array(4).fill(undefined))
  expect(await seen(OWNER, newId('upload'))).toEqual(Array(4).fill(undefined))
  expect(await seen(OWNER, 'nonsense')).toEqual(Array(4).fill(undefined))
  expect(await house.create({}, stranger)).toEqual({
    upload: null,
    userErrors: [{ code: 'FORBIDDEN', field: ['artistId'] }],
  })
  expect((await house.create({}, admin))['userErrors']).toEqual([{ code: 'FORBIDDEN', field: ['artistId'] }])
  const nobody = newId('artist')
  expect((await house.create({ artistId: nobody }, manager({ artists: [nobody] })))['userErrors']).toEqual([
    { code: 'NOT_FOUND', field: ['artistId'] },
  ])
})

test('who is not signed in has to be', async () => {
  const query = `mutation { uploadCreate(input: { artistId: "${ANN}", title: "a", fileName: "a", sizeBytes: 5000 }) { upload { id } } }`

  expect(await house.catalog.refusal(query)).toBe('UNAUTHENTICATED')
  expect(await house.catalog.answer(`{ upload(id: "${newId('upload')}") { id } }`)).toEqual({ upload: null })
})

test.each<[object, string, string]>([
  [{ title: '' }, 'BAD_USER_INPUT', 'title'],
  [{ title: ' \u200b ' }, 'BAD_USER_INPUT', 'title'],
  [{ title: 'a\0' }, 'BAD_USER_INPUT', 'title'],
  [{ title: '𝄞'.repeat(201) }, 'BAD_USER_INPUT', 'title'],
  [{ albumTitle: '' }, 'BAD_USER_INPUT', 'albumTitle'],
  [{ albumTitle: 'a'.repeat(201) }, 'BAD_USER_INPUT', 'albumTitle'],
  [{ fileName: '' }, 'BAD_USER_INPUT', 'fileName'],
  [{ fileName: 'a'.repeat(256) }, 'BAD_USER_INPUT', 'fileName'],
  [{ sizeBytes: 1_023 }, 'BAD_USER_INPUT', 'sizeBytes'],
  [{ sizeBytes: -1 }, 'BAD_USER_INPUT', 'sizeBytes'],
  [{ sizeBytes: 2 * 1024 ** 3 + 1 }, 'BAD_USER_INPUT', 'sizeBytes'],
  [{ markets: ['SE', 'XX'] }, 'COUNTRY_UNKNOWN', 'markets'],
  [{ markets: ['se'] }, 'COUNTRY_UNKNOWN', 'markets'],
])('%j is refused, and nothing is opened', async (input, code, field) => {
  const owner = manager()

  expect(await house.create(input, owner)).toEqual({ upload: null, userErrors: [{ code, field: [field] }] })
  expect(await house.catalog.db.upload.count({ where: { userId: owner.userId ?? '' } })).toBe(0)
})

test.each<[object]>([
  [{ title: '𝄞'.repeat(200), albumTitle: 'a'.repeat(200), fileName: '../'.repeat(85) }],
  [{ sizeBytes: 1_024 }],
  [{ sizeBytes: 2 * 1024 ** 3 }],
  [{ markets: [] }],
  [{ albumTitle: null, markets: null }],
])('%j is taken', async (input) => {
  expect((await house.create(input, manager()))['userErrors']).toEqual([])
})

test('fifty may be under way at a time, however many are asked for at once', async () => {
  const owner = manager()
  const answers = await Promise.all(Array.from({ length: MOST_OPEN + 10 }, () => house.create({}, owner)))

  expect(answers.filter(({ upload }) => upload !== null)).toHaveLength(MOST_OPEN)
  expect(answers.filter(({ userErrors }) => userErrors[0]?.code === 'LIMIT_REACHED')).toHaveLength(10)
  await house.catalog.db.$executeRaw`
    UPDATE upload SET state = 'READY' WHERE id = (SELECT id FROM upload WHERE user_id = ${owner.userId} LIMIT 1)`
  expect((await house.create({}, owner))['userErrors']).toEqual([])
})

test('a file that was cut off on its way is not there', async () => {
  const { upload } = await house.create({ sizeBytes: wav.length }, OWNER)
  const controller = new AbortController()
  const half = new ReadableStream<Uint8Array>({
    start(stream) {
      stream.enqueue(new Uint8Array(wav.subarray(0, 1_000)))
      setTimeout(() => controller.abort(), 100)
    },
  })
  const headers = { 'content-length': String(wav.length) }
  const request = { method: 'PUT', body: half, headers, duplex: 'half', signal: controller.signal }

  await expect(fetch(upload.uploadUrl, request as RequestInit)).rejects.toThrow()
  expect(await incoming()).toEqual([])
  await house.becomes(upload.id, 'WAITING', OWNER)
})

test.skipIf(!HAS_S3)(
  'a bucket takes the file itself, signed for so many bytes, and gives it back to nobody (S3)',
  async () => {
    await using s3 = await startS3()
    await using bucket = await createUploadHouse({ s3: s3.settings })
    const { upload } = await bucket.create({ sizeBytes: wav.length, title: 'From a bucket' }, OWNER)

    expect(upload.uploadUrl).toMatch(new RegExp(`^${s3.settings.endpoint}/`))
    expect(await bucket.put(upload.uploadUrl, wav.subarray(1))).toBe(403)
    expect((await fetch(upload.uploadUrl)).status).toBe(403)
    expect(await bucket.put(upload.uploadUrl, wav)).toBe(200)
    expect((await bucket.becomes(upload.id, 'READY', OWNER))['track'].title).toBe('From a bucket')
  },
  120_000,
)
