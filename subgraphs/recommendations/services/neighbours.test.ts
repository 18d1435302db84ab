import { expect, test } from 'vitest'
import { AXES, type Axis } from './features.ts'
import { buildModel, type Model, type TrackFacts } from './model.ts'
import { createNeighbours } from './neighbours.ts'
import { GENRE_SHARE, likeness, targetAt } from './space.ts'

test('the nearest come first, by how far apart they sound', async () => {
  // On one axis: their distances from d are 1, 2, 3, 4, 7.
  const model = modelOf([
    { id: 'a', at: { energy: 1 } },
    { id: 'b', at: { energy: 5 } },
    { id: 'c', at: { energy: 7 } },
    { id: 'd', at: { energy: 8 } },
    { id: 'e', at: { energy: 11 } },
    { id: 'f', at: { energy: 12 } },
    { id: 'g', at: { energy: 10 } },
  ])

  expect(await similar(model, 'd')).toEqual(['c', 'g', 'b', 'e', 'f', 'a'])
})

test('an axis counts as much as its weight says', async () => {
  // Each is two steps from the rest on its axis, so one deviation is the same for all of them.
  const axes: Axis[] = ['year', 'energy', 'mode', 'tempo']
  const model = modelOf([{ id: 'centre', at: {} }, ...axes.map((axis) => ({ id: axis, at: { [axis]: 2 } }))])

  expect(await similar(model, 'centre')).toEqual(['mode', 'tempo', 'energy', 'year'])
})

test('another release of the recording is left out, and an artist has at most two', async () => {
  const model = modelOf([
    { id: 'a', at: { energy: 0 }, recording: 'song' },
    { id: 'b', at: { energy: 0 }, recording: 'song' },
    { id: 'c', at: { energy: 1 }, artists: ['x', 'y'] },
    { id: 'd', at: { energy: 2 }, artists: ['x'] },
    { id: 'e', at: { energy: 3 }, artists: ['x'] },
    { id: 'f', at: { energy: 4 }, artists: ['y', 'z'] },
    { id: 'g', at: { energy: 5 }, artists: ['y'] },
    { id: 'h', at: { energy: 6 }, recording: 'other' },
    { id: 'i', at: { energy: 7 }, recording: 'other' },
  ])

  expect(await similar(model, 'a')).toEqual(['c', 'd', 'f', 'h'])
})

test('what may play nowhere is nobody’s neighbour, though it has neighbours', async () => {
  const model = modelOf([
    { id: 'a', at: { energy: 0 }, markets: [] },
    { id: 'b', at: { energy: 1 }, markets: ['SE'] },
    { id: 'c', at: { energy: 2 }, markets: null },
  ])

  expect(await similar(model, 'b')).toEqual(['c'])
  expect(await similar(model, 'a')).toEqual(['b', 'c'])
})

test('genres in common count, and are all there is to go by without features', async () => {
  const model = modelOf([
    { id: 'a', at: { energy: 0 }, genres: ['jazz', 'soul'] },
    { id: 'b', at: { energy: 1 }, genres: ['metal'] },
    { id: 'c', at: { energy: 1 }, genres: ['soul', 'funk'] },
    { id: 'd', at: { energy: 1 }, genres: ['jazz', 'soul'] },
    { id: 'mute', at: null, genres: ['jazz'] },
    { id: 'alone', at: null, genres: [] },
  ])

  expect((await similar(model, 'a')).slice(0, 3)).toEqual(['d', 'c', 'b'])
  expect(await similar(model, 'mute')).toEqual(['a', 'd'])
  expect(await similar(model, 'alone')).toEqual([])
})

test('likeness is 1 for the same, and what genres add is their Jaccard index', () => {
  const model = modelOf([
    { id: 'a', at: { energy: 0 }, genres: ['jazz', 'soul', 'funk'] },
    { id: 'b', at: { energy: 0 }, genres: ['soul', 'funk', 'metal'] },
  ])
  const target = targetAt(model.trackSpace, 0, model.genreTotal)

  expect([...likeness(model.trackSpace, target)]).toEqual([
    expect.closeTo(1),
    expect.closeTo(1 - GENRE_SHARE + GENRE_SHARE * (2 / 4)),
  ])
  expect(likeness(model.trackSpace, target, 1, 2)).toEqual(likeness(model.trackSpace, target).slice(1))
})

test('an artist is where most listeners hear them: popular tracks weigh more', async () => {
  // ann: (100 x 2 + 1 x 8) / 101 = 2.06, so bea at 3 is nearer than cleo at 5, the plain mean.
  const model = modelOf([
    { id: 'a1', at: { energy: 2 }, artists: ['ann'], popularity: 99 },
    { id: 'a2', at: { energy: 8 }, artists: ['ann'] },
    { id: 'b', at: { energy: 3 }, artists: ['bea'] },
    { id: 'c', at: { energy: 5 }, artists: ['cleo'] },
    { id: 'd', at: { energy: 9 }, artists: ['dora'] },
    { id: 'n', at: { energy: 2 }, artists: ['nowhere'], markets: [] },
  ])

  expect(await createNeighbours().ofArtists(model, ['ann', 'nobody'], 10)).toEqual([
    ['bea', 'cleo', 'dora'],
    [],
  ])
})

test('a shorter list is the beginning of a longer one, and the same tracks in another order make the same model', async () => {
  const tracks = Array.from({ length: 300 }, (_, index) => ({
    id: `track ${String(index).padStart(3, '0')}`,
    at: { energy: (index * 37) % 101, valence: (index * 53) % 97 },
    artists: [`artist ${index % 90}`],
  }))
  const neighbours = createNeighbours()
  const [long] = await neighbours.ofTracks(modelOf(tracks), ['track 007'], 200)
  const [short] = await createNeighbours().ofTracks(modelOf(tracks.toReversed()), ['track 007'], 40)

  expect(long).toHaveLength(180) // two of each of 90 artists
  expect(short).toEqual(long?.slice(0, 40))
})

interface Spec {
  id: string
  at: Partial<Record<Axis, number>> | null
  recording?: string
  artists?: string[]
  genres?: string[]
  markets?: string[] | null
  popularity?: number
}

function modelOf(specs: readonly Spec[]): Model {
  return buildModel(
    'test',
    specs.map(
      ({ at, ...spec }): TrackFacts => ({
        recording: `recording of ${spec.id}`,
        artists: [`artist of ${spec.id}`],
        genres: [],
        markets: null,
        popularity: 0,
        ...spec,
        point: at === null ? null : AXES.map((axis) => at[axis] ?? 0),
      }),
    ),
  )
}

async function similar(model: Model, id: string): Promise<string[]> {
  const [list] = await createNeighbours().ofTracks(model, [id], 50)
  return list as string[]
}
