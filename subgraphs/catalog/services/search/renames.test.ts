import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Answer, createTestCatalog, type TestCatalog } from '../../testing/catalog-room.ts'
import { draftTracks, idOf } from '../../testing/drafts.ts'
import type { CatalogueDraft } from '../drafts.ts'

const QUERY = `query ($query: String!) {
  search(query: $query) {
    topHit { __typename }
    tracks { edges { node { id } } } artists { edges { node { id } } } albums { edges { node { id } } } episodes { edges { node { id } } }
    didYouMean
  }
  suggest(prefix: $query) { node { __typename ... on Show { id } ... on Track { id } ... on Artist { id } ... on Album { id } ... on Episode { id } } }
}`

let catalog: TestCatalog

beforeAll(async () => {
  catalog = await createTestCatalog()
  await catalog.room.start()
})
afterAll(() => catalog[Symbol.asyncDispose]())

function draft(): CatalogueDraft {
  return {
    ...draftTracks({ title: 'Pebble', artists: ['Maren'], album: 'Tides' }),
    shows: [
      { id: idOf('show', 'Slack'), sourceKey: 'Slack', title: 'Slack', description: null, publisher: null },
    ],
    episodes: [
      {
        id: idOf('episode', 'Fog'),
        sourceKey: 'Fog',
        showId: idOf('show', 'Slack'),
        title: 'Fog',
        description: null,
        durationMs: 60_000,
        publishedAt: null,
        markets: null,
        features: null,
        isComposable: false,
      },
    ],
  }
}

beforeEach(async () => {
  await catalog.empty()
  await catalog.catalogue.write(draft())
})

const NEW = 'Zephyrine Quux'

type Kind = 'artist' | 'album' | 'track' | 'show' | 'episode'
const KINDS: [Kind, string, (now: CatalogueDraft) => CatalogueDraft][] = [
  ['artist', 'Maren', (now) => ({ ...now, artists: now.artists.map((row) => ({ ...row, name: NEW })) })],
  ['album', 'Tides', (now) => ({ ...now, albums: now.albums.map((row) => ({ ...row, title: NEW })) })],
  ['track', 'Pebble', (now) => ({ ...now, tracks: now.tracks.map((row) => ({ ...row, title: NEW })) })],
  ['show', 'Slack', (now) => ({ ...now, shows: now.shows.map((row) => ({ ...row, title: NEW })) })],
  ['episode', 'Fog', (now) => ({ ...now, episodes: now.episodes.map((row) => ({ ...row, title: NEW })) })],
]

/** Ids of all that is found, shows by the top hit alone. */
async function find(query: string): Promise<{ found: string[]; suggested: string[]; answer: Answer }> {
  const answer = await catalog.answer(QUERY, { query })
  const { tracks, artists, albums, episodes } = answer['search']
  return {
    found: [tracks, artists, albums, episodes].flatMap(({ edges }) =>
      edges.map(({ node }: Answer) => node.id),
    ),
    suggested: answer['suggest'].map(({ node }: Answer) => node.id),
    answer: answer['search'],
  }
}

test.each(KINDS)(
  'a renamed %s is found by its new name at once, and by "%s" never again',
  async (kind, old, rename) => {
    const id = idOf(kind, old)
    const before = await find(old)
    expect(before.answer['topHit']).not.toBeNull()

    await catalog.catalogue.write(rename(draft()))

    const renamed = await find(NEW)
    const former = await find(old)
    expect(renamed.answer['topHit'].__typename.toLowerCase()).toBe(kind)
    if (kind !== 'show') expect(renamed.found).toContain(id)
    expect(renamed.suggested).toContain(id)
    expect([former.found, former.answer['topHit'], former.answer['didYouMean']]).toEqual([[], null, null])
  },
)

test('what a renamed artist made is found with the new name, whatever of it was typed', async () => {
  await catalog.catalogue.write(KINDS[0]?.[2](draft()) as CatalogueDraft)

  expect((await find('zephyrine pebble')).found).toEqual([idOf('track', 'Pebble')])
  expect((await find('tides zephyrine')).found).toContain(idOf('album', 'Tides'))
  expect((await find('maren pebble')).found).toEqual([])
})
