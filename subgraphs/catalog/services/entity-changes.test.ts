import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EventLog } from '#shared/event-log.ts'
import { anonymous } from '#shared/identity.ts'
import type { RoomResponse } from '#shared/room.ts'
import { createTestCatalog, type TestCatalog } from '../testing/catalog-room.ts'
import { draftTracks, idOf } from '../testing/drafts.ts'
import { createEntityChanges } from './entity-changes.ts'

let catalog: TestCatalog

beforeAll(async () => {
  catalog = await createTestCatalog()
})
afterAll(() => catalog[Symbol.asyncDispose]())

const song = (popularity: number) =>
  draftTracks({ title: 'Low Water', artists: ['Maren'], album: 'Tides', popularity })

async function open(): Promise<AsyncIterableIterator<RoomResponse>> {
  const query = 'subscription { entitiesChanged { typename id } }'
  const stream = await catalog.room.subscribe({ query, identity: anonymous(null) })
  if (!(Symbol.asyncIterator in stream)) throw new Error(stream.errors?.[0]?.message)
  return stream
}

/** What the next message names. */
async function hear(stream: AsyncIterableIterator<RoomResponse>): Promise<unknown> {
  const { value } = await stream.next()
  return value.data?.['entitiesChanged']
}

test('whatever changes is named to all who listen', async () => {
  await catalog.catalogue.write(song(1))
  const streams = [await open(), await open()]
  const track = { typename: 'Track', id: idOf('track', 'Low Water') }

  await catalog.catalogue.write(song(2))
  for (const stream of streams) expect(await hear(stream)).toContainEqual(track)
  await catalog.catalogue.write(song(3))
  for (const stream of streams) expect(await hear(stream)).toContainEqual(track)

  for (const stream of streams) await stream.return?.()
})

test('all that changes is named by its type, what lists it too', async () => {
  const stream = await open()
  const draft = draftTracks({ title: 'Spring Tide', artists: ['Guest'], album: 'Tides', genres: ['Folk'] })
  const episode = {
    id: idOf('episode', 'Ebb'),
    sourceKey: 'Ebb',
    showId: idOf('show', 'Tide'),
    title: 'Ebb',
    description: null,
    durationMs: 90_000,
    publishedAt: null,
    markets: null,
    features: null,
    isComposable: false,
  }
  const show = {
    id: idOf('show', 'Tide'),
    sourceKey: 'Tide',
    title: 'Tide',
    description: null,
    publisher: null,
  }

  await catalog.catalogue.write({ ...draft, shows: [show], episodes: [episode] })

  expect(await hear(stream)).toEqual(
    expect.arrayContaining([
      { typename: 'Artist', id: idOf('artist', 'Guest') },
      { typename: 'Album', id: idOf('album', 'Tides') },
      { typename: 'Track', id: idOf('track', 'Spring Tide') },
      { typename: 'Genre', id: idOf('genre', 'Folk') },
      { typename: 'Show', id: idOf('show', 'Tide') },
      { typename: 'Episode', id: idOf('episode', 'Ebb') },
    ]),
  )
  await stream.return?.()
})

test('a renamed album names its artists as well, and thousands of changes are all named', async () => {
  const tides = draftTracks({ title: 'Neap', artists: ['Maren'], album: 'Tides' })
  await catalog.catalogue.write(tides)
  const stream = await open()
  await catalog.catalogue.write({ ...tides, albums: tides.albums.map((row) => ({ ...row, title: 'Ebbs' })) })
  expect(await hear(stream)).toEqual(
    expect.arrayContaining([
      { typename: 'Album', id: idOf('album', 'Tides') },
      { typename: 'Artist', id: idOf('artist', 'Maren') },
    ]),
  )

  const titles = Array.from({ length: 2_500 }, (_, index) => `Grain ${index}`)
  await catalog.catalogue.write(draftTracks(...titles.map((title) => ({ title }))))

  const named = new Set<string>()
  while (named.size <= 2_500)
    for (const { id } of (await hear(stream)) as { id: string }[])
      if (id.startsWith('track_') || id === idOf('artist', 'Someone')) named.add(id)
  for (const title of titles) expect(named).toContain(idOf('track', title))
  await stream.return?.()
})

test('leaving frees the listener at once, and a log that cannot be read ends the stream', async () => {
  let listeners = 0
  const log: EventLog = {
    ...catalog.log,
    onNews(room, wake) {
      listeners++
      const unlisten = catalog.log.onNews(room, wake)
      return () => {
        listeners--
        unlisten()
      }
    },
  }
  const left = await createEntityChanges(log).open()
  const waiting = left.next()
  expect(listeners).toBe(1)
  await left.return?.()
  expect(await waiting).toEqual({ done: true, value: undefined })

  const read = (): Promise<never> => Promise.reject(new Error('away'))
  const broken = await createEntityChanges({ ...log, read }).open()
  await expect(broken.next()).rejects.toThrow('away')

  expect(listeners).toBe(0)
})
