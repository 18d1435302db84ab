import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { record } from '../audio/testing/recordings.ts'
import { createTagReader, type TagReader } from './tag-reader.ts'

let folder: string
let reader: TagReader

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tags-'))
  reader = createTagReader()
})
afterAll(async () => {
  await reader.close()
  await rm(folder, { recursive: true, force: true })
})

test.each(['mp3', 'flac', 'ogg', 'opus', 'm4a'])(
  'the tags of a file are read by what it holds: %s',
  async (format) => {
    const named = await record(join(folder, `a.${format}`), {
      seconds: 1,
      args: { ogg: ['-c:a', 'libvorbis'], opus: ['-c:a', 'libopus'] }[format] ?? [],
      tags: { title: 'Ænima', artist: 'Tool', album: '夜', track: '7', genre: 'Rock' },
    })

    expect((await reader.read(named))?.tags).toMatchObject({
      title: 'Ænima',
      artists: ['Tool'],
      album: '夜',
      track: 7,
      genres: ['Rock'],
    })
  },
)

test('one file after the other, also when one of them is none', async () => {
  const good = await record(join(folder, 'good.flac'), { seconds: 1, tags: { title: 'Good' } })
  await writeFile(join(folder, 'bad'), 'fLaC and then nonsense')

  const [first, bad, last] = await Promise.all([
    reader.read(good),
    reader.read(join(folder, 'bad')),
    reader.read(good),
  ])

  expect([first?.tags.title, bad?.tags.title ?? null, last?.tags.title]).toEqual(['Good', null, 'Good'])
})

test('a file that takes too long costs its tags, and the next one is read', async () => {
  const hasty = createTagReader(1)
  const good = await record(join(folder, 'late.flac'), { seconds: 1, tags: { title: 'Late' } })

  expect(await hasty.read(good)).toBeNull()
  expect((await reader.read(good))?.tags.title).toBe('Late')
  await hasty.close()
})
