import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { derivedId } from '#shared/id.ts'
import { readPicture } from './services/picture.ts'
import { ann, bob, codeOf, createEdits, type Edits } from './testing/edits.ts'
import { makePicture, withSegment } from './testing/pictures.ts'
import {
  createTestRoom,
  type Json,
  NOBODY,
  person,
  range,
  type TestRoom,
  trackId,
} from './testing/playlists-room.ts'
import { subscribe, take } from './testing/view.ts'

const UPLOAD = `mutation ($id: ID!) { playlistCoverUpload(input: { playlistId: $id }) {
  upload { url expiresAt maxBytes } userErrors { code field }
} }`
const REMOVE = `mutation ($id: ID!, $nonce: String) { playlistCoverRemove(input: { playlistId: $id, nonce: $nonce }) {
  playlist { revision cover { picture { url } } } userErrors { code field }
} }`
const COVER = `query ($id: ID!) { playlist(id: $id) { revision cover { picture { url width height } mosaic { id } } } }`

const jpeg = makePicture('jpeg', 320, 320)
const png = makePicture('png', 200, 100)
const albumId = (n: number): string => derivedId('album', String(n))

let playlists: TestRoom
let edits: Edits
let server: Server
let origin: string

beforeAll(async () => {
  playlists = await createTestRoom(100)
  edits = createEdits(playlists, playlists)
  server = createServer((request, response) => {
    if (!playlists.room.handlers.some((handler) => handler(request, response))) response.writeHead(418).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.close()
  await playlists[Symbol.asyncDispose]()
})

/** The same address at the server of the test. */
const here = (url: unknown): string => origin + new URL(String(url)).pathname
const request = async (id: string): Promise<string> =>
  here((await playlists.answer(UPLOAD, { id }, ann))['upload']?.['url'])
const put = (url: string, body: Buffer): Promise<Response> =>
  fetch(url, { method: 'PUT', body: new Uint8Array(body) })
const coverOf = async (id: string) => (await playlists.answer(COVER, { id }, ann))['cover'] as Json
const pictureOf = async (id: string) => (await coverOf(id))['picture']?.['url'] ?? null

test('a picture that is put to the address becomes the cover, as an edit that everybody sees', async () => {
  const { id } = await playlists.create(ann, [], { visibility: 'PUBLIC' })
  const subscriber = await subscribe(playlists, id, { since: 1 })
  const { upload } = await playlists.answer(UPLOAD, { id }, ann)
  const tagged = withSegment(jpeg, 0xe1, 'Exif\0\0somebody lives here')

  const answer = await put(here(upload?.['url']), tagged)
  const body = (await answer.json()) as { cover: object; revision: number }

  expect(upload).toMatchObject({ maxBytes: 524_288 })
  const minutes = (Date.parse(String(upload?.['expiresAt'])) - Date.now()) / 60_000
  expect(Math.round(minutes)).toBe(15)
  expect([answer.status, body]).toEqual([
    201,
    {
      cover: { url: expect.stringMatching(/\/covers\/cover_\w{22}$/), width: 320, height: 320 },
      revision: 2,
    },
  ])
  expect(await coverOf(id)).toEqual({ picture: body.cover, mosaic: [] })
  const [message] = await take(subscriber, 1)
  await subscriber.leave()
  expect(message).toMatchObject({ revision: 2, ops: [{ fields: ['COVER'] }], actor: { id: ann.userId } })

  const served = await fetch(here(await pictureOf(id)))
  const bytes = Buffer.from(await served.arrayBuffer())
  expect(bytes.includes('somebody')).toBe(false)
  expect(bytes.equals(readPicture(jpeg)?.bytes ?? Buffer.alloc(0))).toBe(true)
  const headers = ['content-type', 'cache-control', 'x-content-type-options', 'access-control-allow-origin']
  expect(headers.map((name) => served.headers.get(name))).toEqual([
    'image/jpeg',
    'public, max-age=31536000, immutable',
    'nosniff',
    '*',
  ])
  const again = await fetch(served.url, { headers: { 'if-none-match': served.headers.get('etag') ?? '' } })
  expect(again.status).toBe(304)
  const head = await fetch(served.url, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)])
})

test('an address is good once, for 15 minutes, and only as long as the list is there', async () => {
  const { id } = await playlists.create(ann, [])
  const used = await request(id)
  const [first, second] = [await put(used, png), await put(used, png)]
  const late = await request(id)
  await playlists.db.coverTicket.updateMany({ data: { expiresAt: new Date() } })
  const tooLate = await put(late, png)
  const orphan = await request(id)
  await playlists.answer('PlaylistDelete', { id }, ann)

  expect([first.status, second.status, tooLate.status]).toEqual([201, 404, 404])
  expect((await put(orphan, png)).status).toBe(404)
  expect(((await second.json()) as Json)['errors']?.[0]).toEqual({
    message: 'There is no such upload, or it is over',
    extensions: { code: 'NOT_FOUND' },
  })
})

test('of two that use it at once one has it', async () => {
  const { id } = await playlists.create(ann, [])
  const url = await request(id)

  const answers = await Promise.all(range(0, 4).map(() => put(url, png)))

  expect(answers.map((answer) => answer.status).sort()).toEqual([201, 404, 404, 404])
  expect(await playlists.db.cover.count({ where: { playlistId: id } })).toBe(1)
})

test('what is no picture, or larger than 512 KiB, is refused and changes nothing; the address stays good', async () => {
  const { id } = await playlists.create(ann, [])
  const url = await request(id)
  const padded = (size: number): Buffer => {
    let picture = jpeg
    while (size - picture.length > 65_537) picture = withSegment(picture, 0xfe, 'x'.repeat(60_000))
    return withSegment(picture, 0xfe, 'x'.repeat(size - picture.length - 4))
  }

  const wrong = await put(url, Buffer.from('<svg/>'))
  const small = await put(url, makePicture('png', 99, 100))
  const large = await put(url, padded(524_289))
  expect([wrong.status, small.status, large.status]).toEqual([415, 415, 413])
  expect(await coverOf(id)).toEqual({ picture: null, mosaic: [] })

  const largest = padded(524_288)
  expect(largest.length).toBe(524_288)
  expect((await put(url, largest)).status).toBe(201)
})

test('a cover is the owner’s to change', async () => {
  const { id } = await playlists.create(ann, [], { collaborative: true })
  await playlists.join(id, ann, bob)

  for (const query of [UPLOAD, REMOVE]) {
    expect(codeOf(await playlists.answer(query, { id }, bob))).toBe('FORBIDDEN')
    expect(codeOf(await playlists.answer(query, { id }, person('eve')))).toBe('NOT_FOUND')
    const { errors } = await playlists.ask(query, { id }, NOBODY)
    expect(errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED')
  }
})

test('one that was replaced or taken away comes back with an undo, as long as it is among the last ten', async () => {
  const { id } = await playlists.create(ann, [])
  const urls: unknown[] = [null]
  for (const _ of range(0, 13)) {
    await put(await request(id), png)
    urls.push(await pictureOf(id))
  }
  const removed = await playlists.answer(REMOVE, { id, nonce: 'r' }, ann)
  expect(removed).toEqual({ playlist: { revision: 15, cover: { picture: null } }, userErrors: [] })
  expect(await playlists.answer(REMOVE, { id }, ann)).toMatchObject({ playlist: { revision: 15 } })

  const back: unknown[] = []
  for (let revision = 15; revision > 1; revision--) {
    const undone = await edits.undo(ann, id, revision)
    if (codeOf(undone) !== null) break
    back.push(await pictureOf(id))
  }

  expect(back).toEqual(urls.toReversed().slice(0, back.length))
  expect(back).toHaveLength(11)
  expect(codeOf(await edits.undo(ann, id, 15 - back.length))).toBe('NOT_FOUND')
  const served = await fetch(here(urls[13]))
  expect(served.headers.get('content-type')).toBe('image/png')
})

test('pictures that history no longer reaches are forgotten, the one that is shown is not', async () => {
  const { id } = await playlists.create(ann, [])
  for (const _ of range(0, 2)) await put(await request(id), png)
  const shown = await pictureOf(id)
  for (const n of range(0, 110)) await edits.update(ann, id, { name: `name ${n}` })

  await expect.poll(() => playlists.db.cover.count({ where: { playlistId: id } })).toBe(1)
  expect((await fetch(here(shown))).status).toBe(200)
})

test('with the list its pictures go', async () => {
  const { id } = await playlists.create(ann, [])
  for (const _ of range(0, 2)) await put(await request(id), png)
  const shown = here(await pictureOf(id))

  await playlists.answer('PlaylistDelete', { id }, ann)

  expect((await fetch(shown)).status).toBe(404)
  expect(await playlists.db.cover.count({ where: { playlistId: id } })).toBe(0)
})

test('without a picture the albums of the first tracks make it, each once, four at most', async () => {
  const onAlbum = (tracks: readonly number[], n: number | null) =>
    playlists.db.track.updateMany({
      where: { id: { in: tracks.map(trackId) } },
      data: { albumId: n === null ? null : albumId(n) },
    })
  for (const n of range(0, 6)) await onAlbum([2 * n, 2 * n + 1], n)
  await playlists.db.track.update({ where: { id: trackId(4) }, data: { isRemoved: false } })
  const lists = [
    await playlists.create(ann, []),
    await playlists.create(ann, [199, 6]),
    await playlists.create(ann, [1, 0, 8, 9, 2, 4, 10]),
  ]
  await playlists.db.track.update({ where: { id: trackId(8) }, data: { isRemoved: true } })

  const query = `query ($a: ID!, $b: ID!, $c: ID!) {
    a: playlist(id: $a) { cover { mosaic { id } } } b: playlist(id: $b) { cover { mosaic { id } } }
    c: playlist(id: $c) { cover { mosaic { id } } }
  }`
  const [a, b, c] = lists.map(({ id }) => id)
  const { data } = await playlists.ask(query, { a, b, c }, ann)

  const mosaics = Object.values(data as Record<string, { cover: { mosaic: { id: string }[] } }>).map((it) =>
    it.cover.mosaic.map((album) => album.id),
  )
  expect(mosaics).toEqual([[], [albumId(3)], [0, 4, 1, 2].map(albumId)])
})

test.each([
  ['GET', '/covers/cover_0000000000000000000000', 404],
  ['GET', '/covers/', 404],
  ['GET', '/covers/../secrets', 418],
  ['GET', '/covers/cover_%00000000000000000000', 404],
  ['PUT', '/covers/upload/x', 404],
  ['PUT', `/covers/upload/${'x'.repeat(43)}`, 404],
  ['POST', `/covers/upload/${'x'.repeat(43)}`, 404],
  ['DELETE', '/covers/cover_0000000000000000000000', 404],
  ['OPTIONS', '/covers/upload/x', 204],
  ['GET', '/other', 418],
])('%s %s is answered with %i', async (method, path, status) => {
  const answer = await fetch(origin + path, {
    method,
    ...(method === 'PUT' && { body: new Uint8Array(png) }),
  })

  expect(answer.status).toBe(status)
  await answer.arrayBuffer()
})
