import { execFile } from 'node:child_process'
import {
  chmod,
  copyFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { findFfmpeg } from '../audio/ffmpeg.ts'
import { record } from '../audio/testing/recordings.ts'
import type { Answer, TestCatalog } from '../testing/catalog-room.ts'
import { createMusicFolder, type MusicFolder, PATIENCE } from '../testing/music-folder.ts'

const TRACKS = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Track {
  title discNumber trackNumber durationMs isrc artists { name } genres { name }
  album { title releaseDate kind artists { name } artwork { url width height } }
  audioFeatures { tempo key mode loudness isEstimate } lyrics { text }
} } }`

let music: MusicFolder
let catalog: TestCatalog
let shelf: string
let folder: string
let faults: Map<string, string>

beforeAll(async () => {
  music = await createMusicFolder(['one', 'two', 'three', 'four'], 2)
  ;({ catalog, shelf, faults } = music)
  await record(join(shelf, 'noise.png'), {
    seconds: 1,
    args: ['-filter_complex', 'color=c=teal:s=800x600,format=rgb24[v]', '-map', '[v]', '-frames:v', '1'],
  })
}, PATIENCE)
afterAll(() => music[Symbol.asyncDispose]())
beforeEach(async () => {
  await music.begin()
  folder = music.path()
})
afterEach(() => music.forget())

const put: MusicFolder['put'] = (...args) => music.put(...args)
const ingest: MusicFolder['ingest'] = (options) => music.ingest(options)
const stored = (): Promise<string[]> => music.stored()

/** All tracks as a client sees them, by title. */
// biome-ignore lint/suspicious/noExplicitAny: an answer is whatever the test asks for
async function tracks(): Promise<any[]> {
  const ids = (await catalog.db.track.findMany({ orderBy: { title: 'asc' } })).map(({ id }) => id)
  const { nodes } = await catalog.answer(TRACKS, { ids })
  return nodes.sort((one: Answer, other: Answer) => one['title'].localeCompare(other['title'], 'en'))
}

test(
  'a folder becomes artists, albums and tracks by its tags, and by its paths where there are none',
  async () => {
    await put('a.flac', 'one', {
      title: 'Första',
      artist: 'Sigur Rós feat. Björk',
      album_artist: 'Sigur Rós',
      album: 'Ágætis',
      track: '2/9',
      disc: '2',
      date: '1999-06-12',
      genre: 'Post-Rock;Ambient',
      isrc: 'GB-AYE-99-00021',
      TBPM: '87',
      LYRICS: 'Light\nand dark',
    })
    await put('坂本龍一/千のナイフ/CD 1/03 - 新日本電子的民謡.mp3', 'two')
    await put('loose_song.wav', 'three')

    const outcome = await ingest()

    expect(outcome).toMatchObject({ files: 3, new: 3, ready: 3, failed: 0, left_out: 0 })
    const [tagged, loose, pathed] = await tracks()
    expect(tagged).toMatchObject({
      title: 'Första',
      discNumber: 2,
      trackNumber: 2,
      durationMs: 2_000,
      isrc: 'GBAYE9900021',
      artists: [{ name: 'Sigur Rós' }, { name: 'Björk' }],
      genres: [{ name: 'Post-Rock' }, { name: 'Ambient' }],
      album: {
        title: 'Ágætis',
        releaseDate: '1999-06-12',
        kind: 'ALBUM',
        artists: [{ name: 'Sigur Rós' }],
        artwork: [],
      },
      audioFeatures: { isEstimate: true },
      lyrics: { text: 'Light\nand dark' },
    })
    expect(loose).toMatchObject({ title: 'loose song', album: null, artists: [{ name: 'Unknown Artist' }] })
    expect(pathed).toMatchObject({
      title: '新日本電子的民謡',
      discNumber: 1,
      trackNumber: 3,
      artists: [{ name: '坂本龍一' }],
      album: { title: '千のナイフ', artists: [{ name: '坂本龍一' }] },
    })
    const assets = await catalog.db.playableAudio.findMany()
    expect(assets.map(({ state }) => state)).toEqual(['READY', 'READY', 'READY'])
    const told = await catalog.events('catalog.audio-packaged.v1')
    expect(new Set(told.map(({ playableId }) => playableId)).size).toBe(3)
  },
  PATIENCE,
)

test(
  'discs are one album, and several artists in one folder are a compilation with its own numbers',
  async () => {
    await put('Live/CD1/01 Opening.flac', 'one', { artist: 'Maren', album: 'Live' })
    await put('Live/CD2/01 Encore.flac', 'two', { artist: 'Maren', album: 'Live' })
    await put('Mix/b.flac', 'three', { artist: 'Ann', album: 'Mix' })
    await put('Mix/a.flac', 'four', { artist: 'Bob', album: 'Mix' })

    await ingest()

    const [a, b, encore, opening] = await tracks()
    expect(await catalog.db.album.count()).toBe(2)
    expect([opening, encore].map(({ discNumber, trackNumber }) => [discNumber, trackNumber])).toEqual([
      [1, 1],
      [2, 1],
    ])
    expect([a.trackNumber, b.trackNumber]).toEqual([1, 2])
    expect(a.album).toMatchObject({ kind: 'COMPILATION', artists: [{ name: 'Various Artists' }] })
  },
  PATIENCE,
)

test(
  'the picture of the folder, or else the one in the file, is the album artwork in three sizes',
  async () => {
    await put('X/Own/1.flac', 'one', { album: 'Own' })
    await put('X/Folder/CD 1/1.flac', 'two', { album: 'Folder' })
    await copyFile(join(shelf, 'noise.png'), join(folder, 'X/Folder/Cover.PNG'))
    await promisify(execFile)(await findFfmpeg(), [
      ...[
        '-v',
        'error',
        '-y',
        '-i',
        join(folder, 'X/Own/1.flac'),
        '-i',
        join(shelf, 'noise.png'),
        '-map',
        '0',
        '-map',
        '1',
      ],
      ...['-c', 'copy', '-disposition:v', 'attached_pic', join(folder, 'X/Own/2.flac')],
    ])
    await rm(join(folder, 'X/Own/1.flac'))
    await mkdir(join(folder, 'Broken'))
    await put('Broken/1.flac', 'three', { album: 'Broken' })
    await writeFile(join(folder, 'Broken/cover.jpg'), Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2]))

    await ingest()

    const albums = await catalog.db.album.findMany({ orderBy: { title: 'asc' } })
    const sizes = [
      [640, 480],
      [300, 226],
      [64, 48],
    ]
    const sizesOf = (artwork: unknown): number[][] =>
      (artwork as { width: number; height: number }[]).map(({ width, height }) => [width, height])
    expect(albums.map(({ title, artwork }) => [title, sizesOf(artwork)])).toEqual([
      ['Broken', []],
      ['Folder', sizes],
      ['Own', sizes],
    ])
    const [own] = (await tracks()).filter(({ album }) => album.title === 'Own')
    expect(own.album.artwork[0]).toMatchObject({
      url: expect.stringMatching(/\/artwork\/\w{32}\/640\.jpg$/),
      width: 640,
      height: 480,
    })
    expect((await stored()).filter((key) => key.startsWith('artwork/'))).toHaveLength(3) // equal pictures are stored once
  },
  PATIENCE,
)

describe('again', () => {
  test(
    'unchanged files are passed over, moved ones are the same tracks, copies are left out',
    async () => {
      await put('A/one.flac', 'one', { title: 'One', artist: 'A', album: 'X', track: '1' })
      await put('A/two.flac', 'two', { title: 'Two', artist: 'A', album: 'X', track: '2' })
      await ingest()
      const before = await catalog.db.track.findMany({ orderBy: { id: 'asc' } })
      const objects = await stored()

      expect(await ingest()).toMatchObject({ unchanged: 2, new: 0, ready: 0 })
      await mkdir(join(folder, 'B'))
      await rename(join(folder, 'A/one.flac'), join(folder, 'B/eins.flac'))
      await copyFile(join(folder, 'A/two.flac'), join(folder, 'B/zwei.flac'))
      expect(await ingest()).toMatchObject({ unchanged: 1, moved: 1, left_out: 1, new: 0 })

      expect(await catalog.db.track.findMany({ orderBy: { id: 'asc' } })).toEqual(before)
      expect(await stored()).toEqual(objects)
      expect(faults.get('B/zwei.flac')).toMatch(/the same file as .*A\/two\.flac/)
    },
    PATIENCE,
  )

  test(
    'other tags change the track and not its audio; other sound changes its audio and not its id',
    async () => {
      await put('one.flac', 'one', { title: 'One' })
      await ingest()
      const [before] = await catalog.db.track.findMany()
      const [audio] = await catalog.db.playableAudio.findMany()

      await put('one.flac', 'one', { title: 'Uno' })
      expect(await ingest()).toMatchObject({ changed: 1, ready: 1 })
      expect(await catalog.db.track.findMany()).toMatchObject([{ id: before?.id, title: 'Uno' }])
      expect((await catalog.db.playableAudio.findMany())[0]?.asset).toEqual(audio?.asset)

      await put('one.flac', 'two', { title: 'Uno' })
      expect(await ingest()).toMatchObject({ changed: 1, ready: 1 })
      expect(await catalog.db.track.findMany()).toMatchObject([{ id: before?.id, title: 'Uno' }])
      expect((await catalog.db.playableAudio.findMany())[0]?.asset).not.toEqual(audio?.asset)
    },
    PATIENCE,
  )
})

describe('bad input', () => {
  test(
    'each bad file is named with its reason, and everything else is in',
    async () => {
      await put('good.flac', 'one', { title: 'Good' })
      const flac = await readFile(join(folder, 'good.flac'))
      await writeFile(join(folder, 'cut.flac'), flac.subarray(0, flac.length / 2))
      await writeFile(join(folder, 'empty.mp3'), '')
      await writeFile(join(folder, 'zip.mp3'), Buffer.from('PK\u0003\u0004\u0014\u0000\u0000\u0000'))
      await writeFile(join(folder, 'note.txt'), 'not music, and not said to be')
      await symlink('loop', join(folder, 'loop'))
      await symlink('.', join(folder, 'again'))
      await symlink('nowhere.flac', join(folder, 'gone.flac'))
      await symlink('good.flac', join(folder, 'link.flac'))

      const outcome = await ingest()

      expect(outcome).toMatchObject({ files: 4, new: 2, ready: 1, failed: 1, left_out: 2 })
      expect(Object.fromEntries(faults)).toEqual({
        'cut.flac': expect.stringContaining('It ends after'),
        'empty.mp3': 'It is empty.',
        'zip.mp3': 'It holds no audio of a kind that is read here.',
      })
      expect((await tracks()).map(({ title }) => title)).toEqual(['Good'])
      expect((await stored()).map((key) => key.split('/')[1])).toHaveLength(5)
      expect(await readdir(join(catalog.home, 'scratch'))).toEqual([])
      faults.clear()
      expect(await ingest()).toMatchObject({ ready: 0, unchanged: 2, left_out: 2 })
      expect(faults.has('cut.flac')).toBe(true)
    },
    PATIENCE,
  )

  test(
    'tags with NUL, line ends, ../, emoji and 4,000 characters are names, no longer than names are',
    async () => {
      await put('evil.flac', 'one', {
        title: `../../etc/\u0007passwd\n🎷 ${'x'.repeat(4_000)}`,
        artist: '../..',
        album: '..',
        track: '-5',
        date: '9999-99-99',
        TBPM: '1e99',
      })
      const path = join(folder, 'evil.flac')
      const bytes = await readFile(path)
      await writeFile(path, bytes.toString('latin1').replace('passwd', 'pass\u0000d'), 'latin1')

      expect(await ingest()).toMatchObject({ ready: 1 })

      const [track] = await tracks()
      expect(track.title).toMatch(/^\.\.\/\.\.\/etc\/ pass d 🎷 x+$/)
      expect([...track.title]).toHaveLength(300)
      expect(track).toMatchObject({
        trackNumber: 1,
        album: { title: '..', releaseDate: '9999-01-01' },
        artists: [{ name: '../..' }],
      })
      expect((await readdir(dirname(catalog.home))).includes('etc')).toBe(false)
    },
    PATIENCE,
  )

  test(
    'names of files that are no text, or begin like options, are read like any',
    async () => {
      const bytes = await readFile(await put('x.flac', 'one'))
      await rm(join(folder, 'x.flac'))
      const name = Buffer.concat([
        Buffer.from(`${folder}/`),
        Buffer.from([0x2d, 0x69, 0xff, 0xfe]),
        Buffer.from('.flac'),
      ])
      await writeFile(name, bytes)

      expect(await ingest()).toMatchObject({ ready: 1 })
      expect((await tracks())[0].title).toMatch(/^-i/)
    },
    PATIENCE,
  )

  test(
    'a bomb in the tags costs the tags and not the song',
    async () => {
      const mp3 = await readFile(await put('bomb.mp3', 'one'))
      const size = 70 * 1_024 * 1_024
      const header = Buffer.from([
        0x49,
        0x44,
        0x33,
        4,
        0,
        0,
        (size >> 21) & 127,
        (size >> 14) & 127,
        (size >> 7) & 127,
        size & 127,
      ])
      await writeFile(join(folder, 'bomb.mp3'), Buffer.concat([header, Buffer.alloc(size, 'A'), mp3]))
      const before = process.memoryUsage().rss

      expect(await ingest()).toMatchObject({ ready: 1 })

      expect((await tracks())[0]).toMatchObject({ title: 'bomb' })
      expect(process.memoryUsage().rss - before).toBeLessThan(250 * 1_024 * 1_024)
    },
    PATIENCE,
  )

  test(
    'a disk that is full in the middle ends the run in one sentence; the next one goes on where it was',
    async () => {
      await put('a.flac', 'one')
      await put('b.flac', 'two')
      const full = join(shelf, 'full-ffmpeg')
      const ffmpeg = await findFfmpeg()
      await writeFile(
        full,
        `#!/bin/sh\ncase "$*" in *filter_complex*) echo "No space left on device" >&2; exit 1;; esac\nexec ${ffmpeg} "$@"\n`,
      )
      await chmod(full, 0o755)

      await expect(ingest({ ffmpegPath: full })).rejects.toThrow(
        'There is no room left on the disk. All files before are in: run the same again',
      )
      expect([await catalog.db.track.count(), await stored()]).toEqual([0, []])
      expect(await readdir(join(catalog.home, 'scratch'))).toEqual([])

      expect(await ingest()).toMatchObject({ ready: 2, failed: 0 })
    },
    PATIENCE,
  )

  test('no ffmpeg, and no folder, are said in one sentence before anything is touched', async () => {
    await put('a.flac', 'one')

    await expect(ingest({ ffmpegPath: '/nowhere/ffmpeg' })).rejects.toThrow(
      /^No ffmpeg runs here .*: check the configured path\.$/,
    )
    await expect(ingest({ folder: join(folder, 'missing') })).rejects.toThrow(/missing cannot be read/)
    expect(await catalog.db.musicFile.count()).toBe(0)
  })

  test(
    'a file that changes while it is transcoded is not taken for either',
    async () => {
      const path = await put('a.flac', 'one')
      const touching = join(shelf, 'touching-ffmpeg')
      await writeFile(
        touching,
        `#!/bin/sh\ncase "$*" in *filter_complex*) touch -d 2001-01-01 "${path}";; esac\nexec ${await findFfmpeg()} "$@"\n`,
      )
      await chmod(touching, 0o755)

      expect(await ingest({ ffmpegPath: touching })).toMatchObject({ ready: 0, failed: 1 })
      expect(await catalog.db.track.count()).toBe(0)
      await utimes(path, new Date(), new Date())
      expect(await ingest()).toMatchObject({ ready: 1 })
    },
    PATIENCE,
  )
})
