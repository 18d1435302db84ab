import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { HAS_S3, startS3, type TestS3 } from '../testing/s3.ts'
import { createFileStorage } from './file-storage.ts'
import { s3Of } from './open-storage.ts'
import { createS3Storage } from './s3-storage.ts'
import { createScratch } from './scratch.ts'
import { ObjectMissing, type ObjectStorage } from './storage.ts'

const home = await mkdtemp(join(tmpdir(), 'cadenza-storage-'))
afterAll(() => rm(home, { recursive: true, force: true }))

const SOON = 60_000
const bytes = randomBytes(300_000)

async function openFiles(): Promise<{ storage: ObjectStorage; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    if (storage.handler?.(request, response) !== true) response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const scratch = createScratch(join(home, 'scratch'))
  const publicUrl = `http://127.0.0.1:${port}`
  const storage = createFileStorage({ folder: join(home, 'objects'), scratch, secret: 'a secret', publicUrl })
  return {
    storage,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function openS3(): Promise<{ storage: ObjectStorage; close(): Promise<void> }> {
  const server: TestS3 = await startS3()
  return { storage: createS3Storage(server.settings), close: async () => server[Symbol.asyncDispose]() }
}

describe.each([
  { name: 'a folder', open: openFiles, isThere: true },
  { name: 'S3', open: openS3, isThere: HAS_S3 },
])('stored in $name', ({ open, isThere }) => {
  if (!isThere) return test.skip('needs the S3 server that .ci/run installs', () => undefined)
  let storage: ObjectStorage
  let close: () => Promise<void>

  beforeAll(async () => {
    ;({ storage, close } = await open())
  })
  afterAll(async () => {
    await storage.close()
    await close()
  })
  afterEach(async () => storage.delete(await keysOf('')))

  const keysOf = async (prefix: string): Promise<string[]> => {
    const keys: string[] = []
    for await (const { key } of storage.list(prefix)) keys.push(key)
    return keys.sort()
  }
  const readAll = async (key: string, range?: { first: number; last: number }): Promise<Buffer> =>
    buffer((await storage.read(key, range)).body)

  test('what was put is read back, whole and by range, with the size of the whole', async () => {
    await storage.put('audio_1/low.mp4', bytes)

    expect(await storage.find('audio_1/low.mp4')).toEqual({ key: 'audio_1/low.mp4', bytes: bytes.length })
    expect((await readAll('audio_1/low.mp4')).equals(bytes)).toBe(true)
    const part = await storage.read('audio_1/low.mp4', { first: 1_000, last: 150_000 })
    expect(part.bytes).toBe(bytes.length)
    expect((await buffer(part.body)).equals(bytes.subarray(1_000, 150_001))).toBe(true)
    expect((await readAll('audio_1/low.mp4', { first: 299_999, last: 299_999 })).length).toBe(1)
  })

  test('a range comes piece by piece, whole and of the right bytes, and may be left in the middle', async () => {
    await storage.put('audio_1/high.mp4', bytes)
    const collect = async (range: { first: number; last: number }): Promise<Buffer> => {
      const copies: Buffer[] = []
      // Copied: a piece is good until the next is asked for.
      for await (const piece of (await storage.readPieces('audio_1/high.mp4', range)).pieces)
        copies.push(Buffer.from(piece))
      return Buffer.concat(copies)
    }

    expect((await collect({ first: 0, last: bytes.length - 1 })).equals(bytes)).toBe(true)
    expect((await collect({ first: 7, last: 7 })).equals(bytes.subarray(7, 8))).toBe(true)
    const left = await storage.readPieces('audio_1/high.mp4', { first: 0, last: bytes.length - 1 })
    expect(left.bytes).toBe(bytes.length)
    await left.pieces.next()
    await left.pieces.return?.()
    expect((await left.pieces.next()).done).toBe(true)
    const missing = storage.readPieces('audio_4/high.mp4', { first: 0, last: 1 })
    await expect(missing).rejects.toBeInstanceOf(ObjectMissing)
  })

  test('a file that is put is stored and gone from where it was', async () => {
    const path = join(home, 'made.mp4')
    await writeFile(path, bytes)

    await storage.putFile('audio_2/high.mp4', path)

    expect((await readAll('audio_2/high.mp4')).equals(bytes)).toBe(true)
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('putting again replaces all of it', async () => {
    await storage.put('note.json', bytes)

    await storage.put('note.json', Buffer.from('{}'))

    expect((await readAll('note.json')).toString()).toBe('{}')
    const { pieces } = await storage.readPieces('note.json', { first: 0, last: 1 })
    expect(String((await pieces.next()).value)).toBe('{}')
    await pieces.return?.()
    expect((await storage.find('note.json'))?.bytes).toBe(2)
  })

  test('what is not there is null to find, an ObjectMissing to read, and nothing to delete', async () => {
    expect(await storage.find('audio_3/low.mp4')).toBeNull()
    await expect(storage.read('audio_3/low.mp4')).rejects.toBeInstanceOf(ObjectMissing)
    await expect(storage.read('audio_3/low.mp4', { first: 0, last: 3 })).rejects.toBeInstanceOf(ObjectMissing)

    await storage.delete(['audio_3/low.mp4'])
  })

  test('objects are listed by the beginning of their keys, and deleted ones are not', async () => {
    for (const key of ['a/1', 'a/2', 'a/deep/3', 'ab/4', 'b']) await storage.put(key, Buffer.from(key))

    expect(await keysOf('')).toEqual(['a/1', 'a/2', 'a/deep/3', 'ab/4', 'b'])
    expect(await keysOf('a/')).toEqual(['a/1', 'a/2', 'a/deep/3'])
    expect(await keysOf('a')).toEqual(['a/1', 'a/2', 'a/deep/3', 'ab/4'])
    expect(await keysOf('c/')).toEqual([])
    await storage.delete(['a/1', 'a/deep/3'])
    expect(await keysOf('a/')).toEqual(['a/2'])
  })

  test.each([
    '',
    '/etc/passwd',
    '../secrets/internal',
    'a/../../b',
    'a//b',
    '.hidden',
    'a/.b',
    'a b',
    'a\0',
    'é',
    'x'.repeat(513),
  ])('the key %j is refused by every verb', async (key) => {
    await expect(storage.put(key, bytes)).rejects.toThrow(RangeError)
    await expect(storage.find(key)).rejects.toThrow(RangeError)
    await expect(storage.read(key)).rejects.toThrow(RangeError)
    await expect(storage.delete([key])).rejects.toThrow(RangeError)
    await expect(
      (async () => storage.presignPut(key, { bytes: 1, expiresAt: new Date() }))(),
    ).rejects.toThrow(RangeError)
  })

  describe('a signed address', () => {
    const permit = (ms = SOON) => ({ bytes: bytes.length, expiresAt: new Date(Date.now() + ms) })
    const upload = (url: string, body: Uint8Array = bytes, method = 'PUT'): Promise<Response> =>
      fetch(url, { method, body: body as BodyInit, headers: { 'content-type': 'audio/flac' } })

    test('takes the bytes it is for', async () => {
      const url = await storage.presignPut('originals/upload_1', permit())

      const response = await upload(url)

      expect(response.status).toBe(200)
      expect((await readAll('originals/upload_1')).equals(bytes)).toBe(true)
    })

    test('takes no more, no fewer, for no other key and with no other signature', async () => {
      const url = await storage.presignPut('originals/upload_2', permit())
      const bent = url.replace(/(ignature=)(.)/, (_, name, first) => name + (first === '0' ? '1' : '0'))

      const refused = [
        await upload(url, Buffer.concat([bytes, bytes])),
        await upload(url, bytes.subarray(1)),
        await upload(url.replace('upload_2', 'upload_3')),
        await upload(bent),
        await upload(url, bytes, 'POST'),
      ]

      for (const { status } of refused) expect([403, 405, 411, 400, 501]).toContain(status)
      expect(await keysOf('originals/')).toEqual([])
    })

    test('takes nothing after its end', async () => {
      const url = await storage.presignPut('originals/upload_4', permit(1_000))
      await new Promise((resolve) => setTimeout(resolve, 2_100))

      expect((await upload(url)).status).toBe(403)
      expect(await keysOf('originals/')).toEqual([])
    })
  })
})

describe('a folder', () => {
  test('no half of an object is ever there: what fails in the middle leaves nothing', async () => {
    const folder = join(home, 'half')
    const scratch = createScratch(join(home, 'half-scratch'))
    const storage = createFileStorage({ folder, scratch, secret: 's', publicUrl: 'http://x' })
    await writeFile(join(home, 'in-the-way'), '')

    await storage.put('a', bytes)
    await expect(storage.put('a/b', bytes)).rejects.toThrow()
    await expect(storage.putFile('b', join(home, 'not-there'))).rejects.toMatchObject({ code: 'ENOENT' })

    expect(await readdir(folder)).toEqual(['a'])
    expect(await readdir(join(home, 'half-scratch'))).toEqual([])
  })

  test('work of a process that is gone is swept away, work that goes on is not', async () => {
    const root = join(home, 'sweeping')
    const scratch = createScratch(root)
    await scratch.use(async (mine) => {
      const gone = mine.replace(`.${process.pid}.`, '.4194305.') // beyond the highest id a process can have
      await writeFile(gone, 'left behind')
      await scratch.sweep()
      expect(await readdir(root)).toEqual([mine.slice(root.length + 1)])
    })
    expect(await readdir(root)).toEqual([])
  })
})

test('half a bucket is refused in one sentence', () => {
  expect(s3Of({ S3_REGION: 'us-east-1' })).toBeUndefined()
  expect(() => s3Of({ S3_REGION: 'us-east-1', S3_BUCKET: 'music' })).toThrow(/come together/)
})
