import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unzip } from '../testing/unzip.ts'
import { type ZipEntry, zip } from './zip.ts'

const AT = new Date('2026-11-21T20:30:14.000Z')

async function packed(files: Readonly<Record<string, readonly Uint8Array[]>>): Promise<Buffer> {
  const entries = Object.entries(files).map(
    ([name, chunks]): ZipEntry => ({ name, read: async () => chunks }),
  )
  const pieces: Uint8Array[] = []
  for await (const piece of zip(entries, AT)) pieces.push(piece)
  return Buffer.concat(pieces)
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

      expect([...unzip(await packed(contents))]).toEqual(expected)
    }),
    { numRuns: 50 },
  )
})

test('a file that cannot be read to its end ends the archive with its error', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('the beginning')
    throw new Error('the storage is away')
  }
  const reading = async (): Promise<void> => {
    for await (const _ of zip([{ name: 'a.json', read: async () => broken() }], AT));
  }

  await expect(reading()).rejects.toThrow('the storage is away')
})
