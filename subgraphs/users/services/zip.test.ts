import { once } from 'node:events'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unzip } from '../testing/unzip.ts'
import { type ZipEntry, zip } from './zip.ts'

const AT = new Date('2026-11-21T20:30:14.000Z')

function entryOf(name: string, chunks: readonly Uint8Array[], size = Buffer.concat(chunks).length): ZipEntry {
  return { name, size, read: async () => Readable.from(chunks) }
}

function packed(...entries: readonly ZipEntry[]): Promise<Buffer> {
  return buffer(zip(entries, AT))
}

test('what was packed comes out again, whatever it is and in whatever pieces', async () => {
  const files = fc.dictionary(
    fc.stringMatching(/^[a-z]{1,12}\.json$/),
    fc.array(fc.uint8Array({ minLength: 1, maxLength: 2_000 }), { maxLength: 5 }),
    { maxKeys: 6 },
  )
  await fc.assert(
    fc.asyncProperty(files, async (contents) => {
      const expected = Object.entries(contents).map(([name, chunks]) => [name, Buffer.concat(chunks)])
      const archive = await packed(...Object.entries(contents).map(([name, chunks]) => entryOf(name, chunks)))

      expect([...(await unzip(archive))]).toEqual(expected)
    }),
    { numRuns: 50 },
  )
})

test('a file that cannot be had, breaks off or is of another size ends the archive with its error', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('the beginning')
    throw new Error('the storage is away')
  }
  const gone = { name: 'a.json', size: 20, read: () => Promise.reject(new Error('no such file')) }
  const closed = { name: 'a.json', size: 20, read: async () => Readable.from(['{']).destroy() }
  const cut = { name: 'a.json', size: 20, read: async () => Readable.from(broken()) }

  await expect(packed(gone)).rejects.toThrow('no such file')
  await expect(packed(closed)).rejects.toThrow('a.json cannot be read to its end')
  await expect(packed(cut)).rejects.toMatchObject({ cause: { message: 'the storage is away' } })
  await expect(packed(entryOf('a.json', [Buffer.from('four')], 5))).rejects.toThrow(/bytes/)
})

test('a file is opened at its turn, and let go of when the reader goes', async () => {
  const opened: string[] = []
  const endless = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(65_536, Math.random().toString())
    })(),
  )
  const entries = ['a', 'b'].map((name) => ({
    name,
    size: 1,
    read: async () => {
      opened.push(name)
      return endless
    },
  }))
  const archive = zip(entries, AT)
  await once(archive, 'data')
  archive.destroy()
  await once(endless, 'close')

  expect(opened).toEqual(['a'])
})
