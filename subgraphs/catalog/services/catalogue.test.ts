import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createTestCatalog, type TestCatalog } from '../testing/catalog-room.ts'
import { draftTracks, FEATURES, idOf } from '../testing/drafts.ts'

let catalog: TestCatalog

beforeAll(async () => {
  catalog = await createTestCatalog()
})
beforeEach(() => catalog.empty())
afterAll(() => catalog[Symbol.asyncDispose]())

const TRACKS = 'catalog.track-changed.v1'
const ARTISTS = 'catalog.artist-changed.v1'

async function titlesBy(query: string): Promise<string[]> {
  const { search } = await catalog.answer(
    'query ($query: String!) { search(query: $query) { tracks { edges { node { title } } } } }',
    { query },
  )
  return search.tracks.edges.map((edge: { node: { title: string } }) => edge.node.title)
}

test('a track is told to the other rooms as a whole, once', async () => {
  const draft = draftTracks({
    title: 'Low Water',
    artists: ['Maren', 'Guest'],
    album: 'Tides',
    genres: ['Folk'],
    markets: ['SE'],
  })

  const written = await catalog.catalogue.write(draft)
  const again = await catalog.catalogue.write(draft)

  expect(written).toMatchObject([{ id: idOf('track', 'Low Water'), isNew: true }])
  expect(again).toEqual([])
  expect(await catalog.events(TRACKS)).toEqual([
    {
      trackId: idOf('track', 'Low Water'),
      title: 'Low Water',
      durationMs: 200_000,
      albumId: idOf('album', 'Tides'),
      discNumber: 1,
      trackNumber: 1,
      releaseDate: null,
      artists: [
        { id: idOf('artist', 'Maren'), name: 'Maren' },
        { id: idOf('artist', 'Guest'), name: 'Guest' },
      ],
      genres: ['Folk'],
      markets: ['SE'],
      popularity: 50,
      explicit: false,
      features: FEATURES,
      isComposable: false,
      isRemoved: false,
      version: 1,
    },
  ])
  expect(await catalog.events(ARTISTS)).toHaveLength(2)
})

test('a changed track has a higher version, its new artists and its new words', async () => {
  await catalog.catalogue.write(
    draftTracks({ title: 'Shingle', key: 'a', artists: ['Old'], genres: ['Jazz'] }),
  )
  await catalog.events(TRACKS)

  await catalog.catalogue.write(
    draftTracks({ title: 'Pebble', key: 'a', artists: ['New'], markets: [], features: null }),
  )

  expect(await catalog.events(TRACKS)).toMatchObject([
    { title: 'Pebble', artists: [{ name: 'New' }], genres: [], markets: [], features: null, version: 2 },
  ])
  expect([await titlesBy('shingle'), await titlesBy('old'), await titlesBy('new')]).toEqual([
    [],
    [],
    ['Pebble'],
  ])
})

test('an artist with another name is told with all its tracks, and found by the new name alone', async () => {
  const draft = draftTracks(
    { title: 'One', artists: ['Maren'], album: 'First' },
    { title: 'Two', artists: ['Maren'] },
  )
  await catalog.catalogue.write(draft)
  await catalog.events(TRACKS)
  await catalog.events(ARTISTS)
  const renamed = { ...draft, artists: draft.artists.map((artist) => ({ ...artist, name: 'Zephyrine' })) }

  await catalog.catalogue.write(renamed)

  expect(await catalog.events(ARTISTS)).toMatchObject([{ name: 'Zephyrine', version: 2 }])
  const tracks = await catalog.events(TRACKS)
  expect(tracks.map(({ title, version }) => [title, version]).sort()).toEqual([
    ['One', 2],
    ['Two', 2],
  ])
  expect((await titlesBy('zephyrine')).sort()).toEqual(['One', 'Two'])
  expect([await titlesBy('maren'), await titlesBy('maren one')]).toEqual([[], []])
  const { search } = await catalog.answer(
    '{ search(query: "zephyrine") { albums { edges { node { title } } } } }',
  )
  expect(search.albums.edges).toEqual([{ node: { title: 'First' } }])
})

test('an album with another title is found by it, and so are its tracks', async () => {
  const draft = draftTracks({ title: 'One', album: 'First' })
  await catalog.catalogue.write(draft)

  await catalog.catalogue.write({
    ...draft,
    albums: draft.albums.map((album) => ({ ...album, title: 'Debut' })),
  })

  expect([await titlesBy('first'), await titlesBy('debut')]).toEqual([[], ['One']])
})

test('artists and albums are as popular as their most popular track, also when it leaves them', async () => {
  const popularityOf = async () => ({
    artist: (await catalog.db.artist.findMany({ orderBy: { name: 'asc' } })).map(
      ({ popularity }) => popularity,
    ),
    album: (await catalog.db.album.findMany({ orderBy: { title: 'asc' } })).map(
      ({ popularity }) => popularity,
    ),
  })
  await catalog.catalogue.write(
    draftTracks(
      { title: 'Hit', artists: ['Ann'], album: 'A', popularity: 90 },
      { title: 'Rest', artists: ['Ann'], album: 'A', popularity: 10 },
      { title: 'Other', artists: ['Bo'], album: 'B', popularity: 20 },
    ),
  )
  const before = await popularityOf()

  await catalog.catalogue.write(draftTracks({ title: 'Hit', artists: ['Bo'], album: 'B', popularity: 90 }))

  expect(before).toEqual({ artist: [90, 20], album: [90, 20] })
  expect(await popularityOf()).toEqual({ artist: [10, 90], album: [10, 90] })
})

test('a track without a number gets the next one of its album, and keeps it', async () => {
  const numbers = async () =>
    (await catalog.db.track.findMany({ orderBy: { trackNumber: 'asc' } })).map(({ title, trackNumber }) => [
      title,
      trackNumber,
    ])
  const draft = draftTracks(
    { title: 'Z', album: 'A', trackNumber: null },
    { title: 'Y', album: 'A', trackNumber: null },
  )
  await catalog.catalogue.write(draft)

  await catalog.catalogue.write(
    draftTracks(
      { title: 'X', album: 'A', trackNumber: null },
      { title: 'Z', album: 'A', trackNumber: null, popularity: 7 },
    ),
  )

  expect(await numbers()).toEqual([
    ['Z', 1],
    ['Y', 2],
    ['X', 3],
  ])
})

test('an album gathers the artists of its tracks in the order they come', async () => {
  await catalog.catalogue.write(draftTracks({ title: 'One', artists: ['Zoe'], album: 'Various' }))
  await catalog.catalogue.write(draftTracks({ title: 'Two', artists: ['Ann', 'Zoe'], album: 'Various' }))

  const { node } = await catalog.answer(
    'query ($id: ID!) { node(id: $id) { ... on Album { artists { name } } } }',
    {
      id: idOf('album', 'Various'),
    },
  )

  expect(node.artists).toEqual([{ name: 'Zoe' }, { name: 'Ann' }])
})

test('a write that fails leaves nothing behind, neither rows nor words nor events', async () => {
  const draft = draftTracks({ title: 'Good', album: 'A' }, { title: 'Bad', durationMs: 0 })

  await expect(catalog.catalogue.write(draft)).rejects.toThrow(/duration_ms/)

  expect(await catalog.db.artist.count()).toBe(0)
  expect(await catalog.db.searchDocument.count()).toBe(0)
  expect(await catalog.db.outbox.count()).toBe(0)
})

test('two writers of the same rows leave one of each, and the log in the order of the versions', async () => {
  const write = (popularity: number) =>
    catalog.catalogue.write(
      draftTracks(...Array.from({ length: 50 }, (_, index) => ({ title: `T${index}`, popularity }))),
    )

  await Promise.all([1, 2, 3, 4, 5, 6].map(write))

  const versions = new Map<string, number[]>()
  for (const { trackId, version } of await catalog.events(TRACKS))
    versions.set(trackId, [...(versions.get(trackId) ?? []), version])
  expect(await catalog.db.track.count()).toBe(50)
  expect([...versions.values()]).toEqual(Array(50).fill([1, 2, 3, 4, 5, 6]))
})

test('a writer that waits for another has no place in the log yet', async () => {
  const waiting = () => catalog.db.$queryRaw<{ xid: string | null }[]>`
    SELECT backend_xid::text AS xid FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event = 'advisory'`
  let release = (): void => undefined
  let holder: Promise<void> = Promise.resolve()
  await new Promise<void>((held) => {
    holder = catalog.db.$transaction(async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('catalog.catalogue'))`
      held()
      await new Promise<void>((resolve) => {
        release = resolve
      })
    })
  })

  const write = catalog.catalogue.write(draftTracks({ title: 'Late' }))
  await vi.waitFor(async () => expect(await waiting()).toEqual([{ xid: null }]), { timeout: 4_000 })
  release()
  await Promise.all([holder, write])

  expect(await catalog.db.track.count()).toBe(1)
})
