import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { derivedId } from '#shared/id.ts'
import type { CatalogDemo } from './demo.ts'
import { createTestCatalog, type TestCatalog } from './testing/catalog-room.ts'
import { FEATURES } from './testing/drafts.ts'

const DEMO: CatalogDemo = {
  genres: [
    { key: 'folk', name: 'Folk' },
    { key: 'jazz', name: 'Jazz' },
  ],
  artists: [
    { key: 'maren', name: 'Maren', genres: ['jazz', 'folk'] },
    { key: 'guest', name: 'Guest', genres: [] },
  ],
  albums: [
    {
      key: 'tides',
      title: 'Tides',
      kind: 'EP',
      releaseDate: '2026-02-01',
      artists: ['maren'],
      tracks: [
        {
          key: 'low-water',
          title: 'Low Water',
          durationMs: 4_000,
          discNumber: 1,
          trackNumber: 1,
          explicit: true,
          isrc: 'GBCDZ2600001',
          popularity: 61,
          markets: ['GB', 'SE'],
          features: FEATURES,
          artists: ['maren', 'guest'],
          genres: ['folk'],
        },
      ],
    },
  ],
  shows: [
    {
      key: 'night',
      title: 'Nattskift',
      description: 'Lugn musik',
      publisher: 'Lyktan',
      episodes: [
        {
          key: 'night-one',
          title: 'Kvart över två',
          description: 'Stilla',
          durationMs: 4_000,
          publishedAt: '2026-08-09T00:00:00.000Z',
          markets: ['SE'],
          features: FEATURES,
        },
      ],
    },
  ],
}
const TRACK = derivedId('track', 'demo:low-water')
const EPISODE = derivedId('episode', 'demo:night-one')

let catalog: TestCatalog

beforeAll(async () => {
  catalog = await createTestCatalog()
  await catalog.room.loadDemo(DEMO)
})
afterAll(() => catalog[Symbol.asyncDispose]())

test('the demo is there under ids that follow from its keys', async () => {
  const { track, show, artist } = await catalog.answer(
    `query ($track: ID!, $show: ID!, $artist: ID!) {
      track(id: $track) { title explicit isrc markets genres { name } artists { name } album { title kind releaseDate } }
      show(id: $show) { title publisher episodes { nodes { title durationMs publishedAt } } }
      artist(id: $artist) { genres { name } }
    }`,
    { track: TRACK, show: derivedId('show', 'demo:night'), artist: derivedId('artist', 'demo:maren') },
  )

  expect(track).toEqual({
    title: 'Low Water',
    explicit: true,
    isrc: 'GBCDZ2600001',
    markets: ['GB', 'SE'],
    genres: [{ name: 'Folk' }],
    artists: [{ name: 'Maren' }, { name: 'Guest' }],
    album: { title: 'Tides', kind: 'EP', releaseDate: '2026-02-01' },
  })
  expect(show.episodes.nodes).toEqual([
    { title: 'Kvart över två', durationMs: 4_000, publishedAt: '2026-08-09T00:00:00.000Z' },
  ])
  expect(artist.genres).toEqual([{ name: 'Jazz' }, { name: 'Folk' }])
})

test('loading it again changes nothing', async () => {
  const before = await catalog.db.outbox.count()

  await catalog.room.loadDemo(DEMO)

  expect(await catalog.db.outbox.count()).toBe(before)
  expect(await catalog.events('catalog.episode-changed.v1')).toEqual([
    {
      episodeId: EPISODE,
      title: 'Kvart över två',
      durationMs: 4_000,
      markets: ['SE'],
      isComposable: true,
      isRemoved: false,
      version: 1,
    },
  ])
})

test('tracks and episodes get real audio, whose files lie under the home', async () => {
  await catalog.room.ensureAudio([TRACK, EPISODE])

  const told = await catalog.events('catalog.audio-packaged.v1')
  expect(told.map(({ playableId }) => playableId).sort()).toEqual([EPISODE, TRACK].sort())
  for (const { asset } of told)
    for (const { path, bytes } of asset.renditions)
      expect((await stat(join(catalog.home, 'audio', path))).size).toBe(bytes)
})
