import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createEmbeddedLog, type EventLog } from '#shared/event-log.ts'
import { anonymous } from '#shared/identity.ts'
import { createLogger } from '#shared/telemetry.ts'
import { HAS_REDIS, startRedis } from '#shared/testing/redis.ts'
import { type CatalogRoom, createCatalogRoom } from '../server.ts'
import type { CatalogueDraft } from '../services/drafts.ts'
import { type Answer, createTestCatalog, statementsOf, type TestCatalog } from '../testing/catalog-room.ts'
import { draftTracks, idOf } from '../testing/drafts.ts'

const PAGE = `query ($id: ID!) { artist(id: $id) {
  name genres { name } albums(first: 5) { totalCount nodes { title artists { name } tracks(first: 5) { nodes { title artists { name } genres { name } } } } }
  topTracks(first: 3) { title }
} }`
const ID = idOf('artist', 'Maren')

const logger = createLogger('test', 'silent')
let catalog: TestCatalog
/** The same room in another process, as it were: with its own connections and its own cache. */
let other: CatalogRoom
let otherLog: EventLog

beforeAll(async () => {
  catalog = await createTestCatalog()
  otherLog = await createEmbeddedLog(catalog.url)
  other = await createCatalogRoom({
    databaseUrl: catalog.url,
    log: otherLog,
    logger,
    home: catalog.home,
    publicUrl: 'http://localhost:4000',
  })
  await catalog.room.start()
  await other.start()
})
afterAll(async () => {
  await other.stop()
  await otherLog.close()
  await catalog[Symbol.asyncDispose]()
})

function draft(): CatalogueDraft {
  return draftTracks(
    { title: 'Low Water', artists: ['Maren', 'Guest'], album: 'Tides', genres: ['Folk'], popularity: 50 },
    { title: 'Spring', artists: ['Maren'], album: 'Tides', genres: ['Folk'], popularity: 40 },
    { title: 'Elsewhere', artists: ['Guest'], album: 'Away', genres: ['Jazz'], popularity: 30 },
  )
}

async function pageOf(room: Pick<CatalogRoom, 'execute'>, id = ID): Promise<Answer> {
  const { data, errors } = await room.execute({ query: PAGE, variables: { id }, identity: anonymous('SE') })
  expect(errors).toBeUndefined()
  return (data as Answer)['artist']
}

test('a page that was read is answered without the database, to whoever asks', async () => {
  await catalog.catalogue.write(draft())
  await vi.waitFor(async () => expect(await pageOf(other)).not.toBeNull())
  const first = await pageOf(other)

  const statements = await statementsOf(async () => {
    const identity = { ...anonymous('JP'), userId: 'user_x', tier: 'PREMIUM' as const }
    const { data } = await other.execute({ query: PAGE, variables: { id: ID }, identity })
    expect((data as Answer)['artist']).toEqual(first)
  })

  expect(statements.filter((text) => !/outbox|log_position|pg_/.test(text))).toEqual([])
})

/** A change, and what the page shows when it is through: in both processes, within a second of the commit. */
const CHANGES: [string, (before: CatalogueDraft) => CatalogueDraft, (page: Answer) => unknown, unknown][] = [
  [
    'a renamed artist',
    (now) => ({
      ...now,
      artists: now.artists.map((row) => (row.name === 'Maren' ? { ...row, name: 'Ny' } : row)),
    }),
    (page) => [
      page['name'],
      page['albums'].nodes[0].tracks.nodes[0].artists[0].name,
      page['albums'].nodes[0].artists[0].name,
    ],
    ['Ny', 'Ny', 'Ny'],
  ],
  [
    'a renamed album',
    (now) => ({ ...now, albums: now.albums.map((row) => ({ ...row, title: `${row.title}!` })) }),
    (page) => page['albums'].nodes.map(({ title }: Answer) => title),
    ['Tides!'],
  ],
  [
    'a renamed genre',
    (now) => ({ ...now, genres: now.genres.map((row) => ({ ...row, name: `${row.name}!` })) }),
    (page) => page['albums'].nodes[0].tracks.nodes[0].genres,
    [{ name: 'Folk!' }],
  ],
  [
    'a track that is another artist’s, on another album',
    (now) => ({
      ...now,
      tracks: now.tracks.map((row) =>
        row.title === 'Spring'
          ? { ...row, artistIds: [idOf('artist', 'Guest')], albumId: idOf('album', 'Away') }
          : row,
      ),
    }),
    (page) => [page['topTracks'], page['albums'].nodes[0].tracks.nodes.length],
    [[{ title: 'Low Water' }], 1],
  ],
  [
    'tracks in another order',
    (now) => ({ ...now, tracks: now.tracks.map((row) => ({ ...row, popularity: 100 - row.popularity })) }),
    (page) => page['topTracks'].map(({ title }: Answer) => title),
    ['Spring', 'Low Water'],
  ],
  [
    'a new album',
    (now) => {
      const more = draftTracks({ title: 'New', artists: ['Maren'], album: 'Second' })
      return { ...more, artists: now.artists, source: now.source }
    },
    (page) => page['albums'].totalCount,
    2,
  ],
  [
    'artists of other genres',
    (now) => ({ ...now, artists: now.artists.map((row) => ({ ...row, genreIds: [idOf('genre', 'Jazz')] })) }),
    (page) => page['genres'],
    [{ name: 'Jazz' }],
  ],
]

test.each(CHANGES)('%s is there in every process within a second', async (_, change, seen, wanted) => {
  await catalog.empty()
  await catalog.catalogue.write({ ...draft(), source: 'other' }) // only to have an event: both forget what was
  await catalog.empty()
  await catalog.catalogue.write(draft())
  const rooms = [catalog.room, other]
  for (const room of rooms) await vi.waitFor(async () => expect((await pageOf(room))?.['name']).toBe('Maren'))
  for (const room of rooms) expect(seen(await pageOf(room))).not.toEqual(wanted)

  await catalog.catalogue.write(change(draft()))

  const begun = performance.now()
  for (const room of rooms)
    await vi.waitFor(async () => expect(seen(await pageOf(room))).toEqual(wanted), {
      timeout: 1_000,
      interval: 5,
    })
  expect(performance.now() - begun).toBeLessThan(1_000)
})

test('a change is seen although an older transaction is still running', async () => {
  await catalog.empty()
  await catalog.catalogue.write(draft())
  await vi.waitFor(async () => expect((await pageOf(other))?.['name']).toBe('Maren'))
  await catalog.db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_current_xact_id()`

    await catalog.catalogue.write({
      ...draft(),
      artists: draft().artists.map((row) => ({ ...row, name: 'Ny' })),
    })

    await vi.waitFor(async () => expect((await pageOf(other))['name']).toBe('Ny'), {
      timeout: 1_000,
      interval: 5,
    })
  })
})

test.skipIf(!HAS_REDIS)('with Redis, what one process has read another need not', async () => {
  await using redis = await startRedis()
  const rooms = await Promise.all(
    [1, 2].map(async () => {
      const log = await createEmbeddedLog(catalog.url)
      const deps = { databaseUrl: catalog.url, redisUrl: redis.url, log, logger }
      const room = await createCatalogRoom({
        ...deps,
        home: catalog.home,
        publicUrl: 'http://localhost:4000',
      })
      await room.start()
      return { room, log }
    }),
  )
  const [one, two] = rooms.map(({ room }) => room) as [CatalogRoom, CatalogRoom]
  const reads = (room: CatalogRoom, id = ID): Promise<string[]> =>
    statementsOf(() => pageOf(room, id)).then((all) =>
      all.filter((text) => !/outbox|log_position|pg_/.test(text)),
    )
  const becomesReady = (room: CatalogRoom, id: string): Promise<void> =>
    vi.waitFor(async () => expect(await reads(room, id)).toEqual([]), { timeout: 10_000 })

  await becomesReady(two, idOf('artist', 'Guest'))
  await becomesReady(one, ID)
  expect(await reads(two)).toEqual([])

  for (const { room, log } of rooms) {
    await room.stop()
    await log.close()
  }
})
