import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Answer, TestCatalog } from '../testing/catalog-room.ts'
import { createMusicFolder, type MusicFolder, PATIENCE } from '../testing/music-folder.ts'

let music: MusicFolder
let catalog: TestCatalog

beforeAll(async () => {
  music = await createMusicFolder(['one', 'two', 'three'], 1)
  ;({ catalog } = music)
}, PATIENCE)
afterAll(() => music[Symbol.asyncDispose]())
beforeEach(() => music.begin())
afterEach(() => music.forget(true))

/** Everything anybody can come upon, without ids. */
const SHOWN = `
  SELECT 'track' AS kind, jsonb_build_array(title, duration_ms, disc_number, track_number, isrc, tempo, key,
           (SELECT jsonb_agg(name ORDER BY position) FROM track_artist JOIN artist ON artist.id = artist_id WHERE track_id = track.id),
           (SELECT jsonb_agg(name ORDER BY position) FROM track_genre JOIN genre ON genre.id = genre_id WHERE track_id = track.id),
           (SELECT title FROM album WHERE album.id = album_id),
           (SELECT lines FROM lyrics WHERE track_id = track.id), asset ->> 'assetId') AS said
    FROM track LEFT JOIN playable_audio ON playable_id = track.id WHERE NOT is_removed
   UNION ALL
  SELECT 'album', jsonb_build_array(title, kind, release_date, loudness_centilufs, artwork,
           (SELECT jsonb_agg(name ORDER BY position) FROM album_artist JOIN artist ON artist.id = artist_id WHERE album_id = album.id),
           (SELECT count(*) FROM track WHERE album_id = album.id AND NOT is_removed))
    FROM album WHERE NOT is_removed
   UNION ALL SELECT 'found', jsonb_build_array(kind, title, artist, album, popularity) FROM search_document
   ORDER BY 1, 2`

async function shown(): Promise<unknown> {
  const rows = await catalog.db.$queryRawUnsafe(SHOWN)
  const { genres } = await catalog.answer('{ genres { totalCount nodes { name } } }')
  return { rows, genres }
}
const titles = async (): Promise<string[]> =>
  (await catalog.db.track.findMany({ where: { isRemoved: false } })).map(({ title }) => title).sort()

test(
  'a folder that was changed in any way comes to what it would have come to from the start',
  async () => {
    // Made once: files of three sounds, each with the tags it may have.
    const tags = [
      { title: 'Dawn', artist: 'Ann', album: 'Tide', genre: 'Folk', track: '1' },
      { title: 'Dawn', artist: 'ANN', album: 'Tide', genre: 'folk', album_artist: 'Bob', LYRICS: 'So early' },
      { title: 'Dusk', artist: 'Ann feat. Cay', album: 'Ebb', date: '2001-02-03' },
      {},
    ] as Record<string, string>[]
    const kinds = ['one', 'two', 'three'].flatMap((sound) => tags.map((_, index) => ({ sound, index })))
    for (const { sound, index } of kinds)
      await music.put(`../made/${sound}-${index}.flac`, sound, tags[index])
    const change = fc.oneof(
      fc.record({
        put: fc.constantFrom(...kinds),
        at: fc.constantFrom('A/X/1.flac', 'A/X/2.flac', 'B/1.flac', 'B/CD 2/02 - Late.flac'),
      }),
      fc.record({ remove: fc.nat({ max: 3 }) }),
      fc.record({ move: fc.nat({ max: 3 }), to: fc.constantFrom('A/Y/3.flac', 'A/X/1.flac', '0.flac') }),
      fc.record({ words: fc.nat({ max: 3 }), text: fc.constantFrom('[00:01.00]Sung', 'Said', null) }),
    )
    type Change = typeof change extends fc.Arbitrary<infer One> ? One : never

    /** The folder's own view of itself: files by path. */
    async function apply(one: Change, files: Set<string>): Promise<void> {
      const at = (path: string): string => join(music.path(), path)
      const chosen = (index: number): string | undefined => [...files].sort()[index % Math.max(1, files.size)]
      if ('put' in one) {
        await mkdir(dirname(at(one.at)), { recursive: true })
        await copyFile(at(`../made/${one.put.sound}-${one.put.index}.flac`), at(one.at))
        files.add(one.at)
        return
      }
      const path = chosen('remove' in one ? one.remove : 'move' in one ? one.move : one.words)
      if (path === undefined) return
      if ('move' in one) {
        await mkdir(dirname(at(one.to)), { recursive: true })
        await rename(at(path), at(one.to))
        files.delete(path)
        files.add(one.to)
      } else if ('remove' in one) {
        if (files.size === 1) return // a folder without any music is taken for a disk that is not there
        await rm(at(path))
        files.delete(path)
      } else {
        const words = at(path.replace(/flac$/, 'lrc'))
        if (one.text === null) await rm(words, { force: true })
        else await writeFile(words, one.text)
      }
    }

    const rounds = fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(rounds, async (changes) => {
        await music.begin()
        const files = new Set<string>()
        let ids: string[] = []
        for (const round of changes) {
          for (const one of round) await apply(one, files)
          if (files.size === 0) continue
          await music.ingest()
          const now = (await catalog.db.track.findMany()).map(({ id }) => id)
          expect(now).toEqual(expect.arrayContaining(ids))
          ids = now
        }
        const changed = await shown()
        await music.forget(true)
        if (files.size > 0) await music.ingest()

        expect(changed).toEqual(await shown())
        await music.forget(true)
      }),
      { numRuns: 4 },
    )
  },
  5 * PATIENCE,
)

describe('a file that is gone', () => {
  test(
    'is in no list, is still what it was to who has its id, and comes back as the same track',
    async () => {
      const kept = await music.put('one.flac', 'one', { title: 'Stays', artist: 'Ann', genre: 'Folk' })
      const file = await music.put('two.flac', 'two', {
        title: 'Goes',
        artist: 'Bob',
        album: 'Tide',
        genre: 'Jazz',
      })
      await music.ingest()
      const before = await shown()
      const [track] = await catalog.db.track.findMany({ where: { title: 'Goes' } })
      await catalog.events('catalog.track-changed.v1')

      await rename(file, join(music.shelf, 'away.flac'))
      await music.ingest()

      expect(await titles()).toEqual(['Stays'])
      const said = await catalog.answer(
        `query ($id: ID!) { track(id: $id) { title artists { name } album { title } } genres { nodes { name } }
           bob: search(query: "Bob") { artists { edges { node { name } } } } tide: search(query: "Tide") { albums { edges { node { title } } } } }`,
        { id: track?.id },
      )
      expect(said).toEqual({
        track: { title: 'Goes', artists: [{ name: 'Bob' }], album: { title: 'Tide' } },
        genres: { nodes: [{ name: 'Folk' }] },
        bob: { artists: { edges: [] } },
        tide: { albums: { edges: [] } },
      })
      const told = await catalog.events('catalog.track-changed.v1')
      expect(told.map(({ trackId, isRemoved }: Answer) => [trackId, isRemoved])).toEqual([[track?.id, true]])

      await rename(join(music.shelf, 'away.flac'), join(dirname(kept), 'two.flac'))
      expect(await music.ingest()).toMatchObject({ moved: 1, unchanged: 1, ready: 1 })
      expect(await shown()).toEqual(before)
      expect((await catalog.db.track.findMany({ where: { title: 'Goes' } }))[0]?.id).toBe(track?.id)
      expect((await catalog.events('catalog.track-changed.v1')).at(-1)).toMatchObject({ isRemoved: false })
    },
    PATIENCE,
  )

  test(
    'and all the others too, is a disk that is not there: nothing is changed',
    async () => {
      const file = await music.put('one.flac', 'one', { title: 'Only' })
      await music.ingest()
      await rename(file, join(music.shelf, 'only.flac'))

      await expect(music.ingest()).rejects.toThrow(
        /There is no music in .*, and there were 1 files: nothing is changed/,
      )
      expect(await titles()).toEqual(['Only'])
    },
    PATIENCE,
  )

  test(
    'or holds no music any more takes its track with it, and stays known by nobody',
    async () => {
      await music.put('one.flac', 'one', { title: 'Stays' })
      const file = await music.put('two.flac', 'two', { title: 'Spoilt' })
      await music.ingest()
      await writeFile(file, 'no music at all')

      expect(await music.ingest()).toMatchObject({ left_out: 1, unchanged: 1 })
      expect(await titles()).toEqual(['Stays'])
    },
    PATIENCE,
  )
})

describe('lyrics', () => {
  const words = async (): Promise<unknown> =>
    (
      await catalog.answer('query ($id: ID!) { track(id: $id) { lyrics { text lines { startMs } } } }', {
        id: (await catalog.db.track.findMany())[0]?.id,
      })
    )['track'].lyrics

  test(
    'are those of the LRC file beside, else of the tags, as they are at the moment',
    async () => {
      const file = await music.put('Night.flac', 'one', { LYRICS: 'Said in the tags' })
      await music.ingest()
      expect(await words()).toEqual({ text: 'Said in the tags', lines: [] })

      await writeFile(file.replace('flac', 'LRC'), '[00:01.50]Sung beside')
      expect(await music.ingest()).toMatchObject({ changed: 1, ready: 1 })
      expect(await words()).toEqual({ text: 'Sung beside', lines: [{ startMs: 1_500 }] })

      await writeFile(file.replace('flac', 'LRC'), '[ti: nothing]')
      await music.ingest()
      expect(await words()).toEqual({ text: 'Said in the tags', lines: [] })
      expect(music.faults.get('Night.LRC')).toBe('has no words in it')

      await music.put('Night.flac', 'one')
      await music.ingest()
      expect(await words()).toBeNull()
    },
    PATIENCE,
  )

  test(
    'that were brought for a track stay, whatever its file says',
    async () => {
      await music.put('Night.flac', 'one', { title: 'Night', LYRICS: 'Said in the tags' })
      await music.ingest()
      const [track] = await catalog.db.track.findMany()
      const brought = { language: null, isTimed: false, lines: [{ startMs: 0, text: 'Brought' }] }
      await catalog.catalogue.write({
        source: 'lyrics',
        ...{ genres: [], artists: [], albums: [], albumCredits: [], tracks: [], shows: [], episodes: [] },
        lyrics: [{ trackId: track?.id ?? '', origin: 'FILE', lyrics: brought }],
      })

      await music.put('Night.flac', 'one', { title: 'Night' })
      await music.ingest()

      expect(await words()).toEqual({ text: 'Brought', lines: [] })
    },
    PATIENCE,
  )
})
