import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { anonymous } from '#shared/identity.ts'
import { type Answer, createTestCatalog, type TestCatalog } from '../../testing/catalog-room.ts'
import { draftTracks, idOf } from '../../testing/drafts.ts'

const QUERY = `query ($query: String!) { search(query: $query) {
  tracks { edges { score node { artists { name } } } }
  artists { edges { node { id } } }
  albums { edges { node { artists { name } } } }
  playlists { edges { node { ref } } }
} }`

/** Plays and lists come by events. */
const PATIENCE = { timeout: 10_000, interval: 20 }

let catalog: TestCatalog

beforeAll(async () => {
  catalog = await createTestCatalog()
  await catalog.room.start()
  await catalog.catalogue.write(
    draftTracks(
      { title: 'Harbour', key: 'h1', artists: ['Famous'], album: 'Harbour', popularity: 90, genres: ['Pop'] },
      { title: 'Harbour', key: 'h2', artists: ['Known'], popularity: 60, genres: ['Jazz'] },
      { title: 'Harbour', key: 'h3', artists: ['Small'], popularity: 10, genres: ['Folk'] },
      { title: 'Harbour Lights', key: 'h4', artists: ['Small'], popularity: 5, genres: ['Folk'] },
      { title: 'Elsewhere', artists: ['Jazz Band'], popularity: 50, genres: ['Jazz'] },
    ),
  )
  await plays('mistaken', 'h3', 12)
  await plays('mistaken', 'h3', 12, 'playback.play-uncounted.v1')
  await plays('listener', 'h3', 12)
  await plays('jazz lover', 'Elsewhere', 3)
  for (const owner of ['listener', 'stranger'])
    await catalog.hear('playlists', 'playlists.playlist-changed.v1', idOf('playlist', owner), {
      playlistId: idOf('playlist', owner),
      name: 'Harbour Mix',
      description: null,
      visibility: 'PUBLIC',
      ownerId: owner,
      isDeleted: false,
      revision: 1,
    })
})
afterAll(() => catalog[Symbol.asyncDispose]())

async function plays(
  userId: string,
  track: string,
  times: number,
  topic = 'playback.play-counted.v1',
): Promise<void> {
  for (let index = 0; index < times; index++)
    await catalog.hear('playback', topic, idOf('track', track), {
      playbackId: `${userId} ${track} ${index}`,
      playableId: idOf('track', track),
      userId,
      country: 'SE',
      at: '2026-11-21T12:00:00.000Z',
    })
}

async function find(userId: string | null, query = 'harbour'): Promise<Answer> {
  const identity = { ...anonymous('SE'), userId }
  const { data, errors } = await catalog.room.execute({ query: QUERY, variables: { query }, identity })
  expect(errors).toBeUndefined()
  return (data as Answer)['search']
}

const namesOf = (found: Answer): string[] =>
  found['tracks'].edges.map(({ node }: Answer) => node.artists[0].name)

test('who is not known gets the most popular first', async () => {
  expect(namesOf(await find(null))).toEqual(['Famous', 'Known', 'Small', 'Small'])
  expect(namesOf(await find('stranger'))).toEqual(['Famous', 'Known', 'Small', 'Small'])
})

test('an artist somebody plays a lot comes first among equals, and never before a better match', async () => {
  const found = await vi.waitFor(async () => {
    const found = await find('listener')
    expect(namesOf(found)).toEqual(['Small', 'Famous', 'Known', 'Small'])
    return found
  }, PATIENCE)

  const scores = found['tracks'].edges.map(({ score }: Answer) => Math.floor(score))
  expect(scores).toEqual([6, 6, 6, 5])
})

test('plays that were taken back leave nothing', async () => {
  await vi.waitFor(
    async () => expect(namesOf(await find('listener'))).toEqual(['Small', 'Famous', 'Known', 'Small']),
    PATIENCE,
  )

  expect(namesOf(await find('mistaken'))).toEqual(namesOf(await find('stranger')))
})

test('a genre somebody plays counts a little: enough among those that are nearly as popular', async () => {
  await catalog.catalogue.write(
    draftTracks(
      { title: 'Quay', key: 'q1', artists: ['One'], popularity: 60, genres: ['Pop'] },
      { title: 'Quay', key: 'q2', artists: ['Two'], popularity: 50, genres: ['Jazz'] },
    ),
  )

  expect(namesOf(await find(null, 'quay'))).toEqual(['One', 'Two'])
  await vi.waitFor(
    async () => expect(namesOf(await find('jazz lover', 'quay'))).toEqual(['Two', 'One']),
    PATIENCE,
  )
  expect(namesOf(await find('jazz lover'))).toEqual(['Famous', 'Known', 'Small', 'Small'])
})

test('their own playlists come before those of others', async () => {
  const refsFor = async (userId: string): Promise<string[]> =>
    (await find(userId, 'harbour mix'))['playlists'].edges.map(({ node }: Answer) => node.ref)

  await vi.waitFor(async () => expect(await refsFor('stranger')).toHaveLength(2), PATIENCE)

  expect((await refsFor('stranger'))[0]).toBe(idOf('playlist', 'stranger'))
  expect((await refsFor('listener'))[0]).toBe(idOf('playlist', 'listener'))
})

test('the hundred best are ranked again: what somebody plays is first although ninety-eight are better known', async () => {
  const named = Array.from({ length: 120 }, (_, index) => ({
    title: 'Lantern',
    key: `lantern ${index}`,
    artists: [`Lamp ${index}`],
    popularity: index < 60 ? 90 - index : 30 - Math.floor((index - 60) / 2),
  }))
  await catalog.catalogue.write(draftTracks(...named))
  await plays('near', 'lantern 98', 12)

  const firstFor = async (userId: string | null): Promise<string> =>
    namesOf(await find(userId, 'lantern'))[0] ?? ''
  expect(await firstFor(null)).toBe('Lamp 0')
  await vi.waitFor(async () => expect(await firstFor('near')).toBe('Lamp 98'), PATIENCE)
})
