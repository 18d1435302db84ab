import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestCatalog, statementsOf, type TestCatalog } from '../../testing/catalog-room.ts'
import { draftTracks, FEATURES, idOf } from '../../testing/drafts.ts'

const QUERY = `query ($query: String!, $first: Int) {
  search(query: $query, first: $first) {
    topHit { __typename ... on Track { title } ... on Artist { name } ... on Album { title } ... on Show { title } ... on Playlist { ref } }
    tracks { edges { matchedBy score cursor node { title artists { name } } } }
    artists { edges { node { name } } }
    albums { edges { node { title } } }
    playlists { edges { node { ref } } }
    episodes { edges { node { title } } }
    didYouMean
  }
}`

let catalog: TestCatalog

beforeAll(async () => {
  catalog = await createTestCatalog()
  const draft = draftTracks(
    { title: 'Love', artists: ['Keys'], popularity: 40 },
    { title: 'Love', key: 'Love 2', artists: ['Doors'], popularity: 60 },
    { title: 'Love', key: 'Love 3', artists: ['Doors'], popularity: 55 }, // a re-release
    { title: 'Love Story', artists: ['Swift'], popularity: 90 },
    { title: 'Love Story', key: 'Love Story 2', artists: ['Minor'], popularity: 5 },
    { title: 'Lovely', artists: ['Finneas'], popularity: 95 },
    { title: 'Crazy in Love', artists: ['Beyoncé'], album: 'Dangerously', popularity: 99 },
    { title: 'Harbour', artists: ['Love in Transit'], album: 'Night Ferries', popularity: 97 },
    { title: 'Gravel', artists: ['Quiet'], album: 'All the Love', popularity: 98 },
    { title: 'Déjà Vu (feat. JAY-Z)', artists: ['Beyoncé'], popularity: 70 },
    { title: 'Don’t Stop ’Til', artists: ['MØ'], popularity: 50 },
    { title: 'T.N.T.', artists: ['AC/DC'], album: 'High Voltage', popularity: 50 },
    { title: '夜に駆ける', artists: ['ヨルシカ'], popularity: 50 },
    { title: '서늘한 오후', artists: ['서늘'], popularity: 50 },
    { title: 'ПРИВЕТ, Мир', artists: ['Кино'], popularity: 50 },
    { title: 'مرحبا بالعالم', artists: ['فيروز'], popularity: 50 },
    { title: '!!!', artists: ['???'], popularity: 1 },
    { title: '100%', artists: ['Someone'], popularity: 1 },
    { title: '🔥', artists: ['Someone'], popularity: 1 },
    { title: 'NA', artists: ['Someone'], popularity: 1 },
  )
  await catalog.catalogue.write({
    ...draft,
    shows: [
      {
        id: idOf('show', 'Tide'),
        sourceKey: 'Tide',
        title: 'Slow Tide',
        description: null,
        publisher: 'Saltmarsh',
      },
    ],
    episodes: [
      {
        id: idOf('episode', 'Fog'),
        sourceKey: 'Fog',
        showId: idOf('show', 'Tide'),
        title: 'Fog Signal',
        description: null,
        durationMs: 60_000,
        publishedAt: null,
        markets: null,
        features: FEATURES,
        isComposable: false,
      },
    ],
  })
})
afterAll(() => catalog[Symbol.asyncDispose]())

async function find(query: string, first = 10) {
  return (await catalog.answer(QUERY, { query, first }))['search']
}

async function titlesOf(query: string, first = 10): Promise<string[]> {
  return (await find(query, first)).tracks.edges.map((edge: { node: { title: string } }) => edge.node.title)
}

test('the whole title comes first, then titles that begin so, then title over artist over album', async () => {
  const { tracks } = await find('love')

  const found = tracks.edges.map(({ node, matchedBy }: Edge) => [
    node.title,
    node.artists[0]?.name,
    matchedBy[0],
  ])
  expect(found).toEqual([
    ['Love', 'Doors', 'EXACT'],
    ['Love', 'Keys', 'EXACT'],
    ['Love Story', 'Swift', 'PREFIX'],
    ['Love Story', 'Minor', 'PREFIX'],
    ['Lovely', 'Finneas', 'PREFIX'],
    ['Crazy in Love', 'Beyoncé', 'FULL_TEXT'],
    ['Love', 'Doors', 'EXACT'], // the re-release, after every other song that begins so
    ['Harbour', 'Love in Transit', 'FULL_TEXT'],
    ['Gravel', 'Quiet', 'FULL_TEXT'],
  ])
  const scores = tracks.edges.map(({ score }: Edge) => score)
  expect(scores).toEqual([...scores].sort((a, b) => b - a))
  expect(tracks.edges[0].matchedBy).toEqual(['EXACT', 'FULL_TEXT'])
})

interface Edge {
  score: number
  matchedBy: string[]
  node: { title: string; artists: { name: string }[] }
}

test('all words have to be there, the last one may be a beginning', async () => {
  expect(await titlesOf('love sto')).toEqual(['Love Story', 'Love Story'])
  expect(await titlesOf('sto love')).toEqual([])
  expect(await titlesOf('story lo')).toEqual(['Love Story', 'Love Story'])
  expect(await titlesOf('beyonce crazy')).toEqual(['Crazy in Love'])
  expect(await titlesOf('love nothing')).toEqual([])
})

test.each([
  ['deja vu', 'Déjà Vu (feat. JAY-Z)'],
  ['DÉJÀ', 'Déjà Vu (feat. JAY-Z)'],
  ['jay z', 'Déjà Vu (feat. JAY-Z)'],
  ["don't stop", 'Don’t Stop ’Til'],
  ['dont', 'Don’t Stop ’Til'],
  ['mo', 'Don’t Stop ’Til'],
  ['tnt', 'T.N.T.'],
  ['t n t', 'T.N.T.'],
  ['ac/dc', 'T.N.T.'],
  ['high volt', 'T.N.T.'],
  ['夜', '夜に駆ける'],
  ['駆ける', '夜に駆ける'],
  ['오후', '서늘한 오후'],
  ['привет', 'ПРИВЕТ, Мир'],
  ['МИР', 'ПРИВЕТ, Мир'],
  ['مرحبا', 'مرحبا بالعالم'],
  ['!!!', '!!!'],
  ['!', '!!!'],
  ['100%', '100%'],
  ['🔥', '🔥'],
  ['na', 'NA'],
  ['  love   STORY ', 'Love Story'],
])('%s finds %s', async (query, title) => {
  expect((await titlesOf(query))[0]).toBe(title)
})

test.each([
  "' OR 1=1 --",
  "love'); DROP TABLE track; --",
  'a & b | !c:*',
  'love:* <-> story',
  '(((',
  '\\',
  '%',
  '_',
  '*',
  '\u202eevol\u202c',
  '\ud800',
  'x\u0000y',
  '\u200b',
  'ﷺ'.repeat(200),
  'a '.repeat(100).trim(),
])('hostile text %j is answered and changes nothing', async (query) => {
  const answer = await find(query)

  expect(answer.tracks.edges.length).toBeLessThanOrEqual(10)
  expect(await catalog.db.track.count()).toBe(20)
})

test('every kind has its own list, and one hit is the best of all', async () => {
  const beyonce = await find('beyonce')
  const ferries = await find('night ferries')
  const fog = await find('fog sig')
  const tide = await find('slow tide')

  expect(beyonce.topHit).toEqual({ __typename: 'Artist', name: 'Beyoncé' })
  expect(beyonce.artists.edges).toEqual([{ node: { name: 'Beyoncé' } }])
  expect(beyonce.tracks.edges).toHaveLength(2)
  expect(ferries.topHit).toEqual({ __typename: 'Album', title: 'Night Ferries' })
  expect(fog.episodes.edges).toEqual([{ node: { title: 'Fog Signal' } }])
  expect(tide.topHit).toEqual({ __typename: 'Show', title: 'Slow Tide' })
})

test('first limits each list, and the best of them stay', async () => {
  expect(await titlesOf('love', 1)).toEqual(['Love'])
  expect(await titlesOf('love', 3)).toEqual(['Love', 'Love', 'Love Story'])
})

test('a spelling is offered when nothing was found, and only then', async () => {
  expect((await find('crzy in lovw')).didYouMean).toBe('Crazy in Love')
  expect((await find('love')).didYouMean).toBeNull()
  expect((await find('qqqqxyzzy')).didYouMean).toBeNull()
})

test('suggestions are what begins so, of every kind, by popularity, each text once a kind', async () => {
  const query =
    'query ($prefix: String!) { suggest(prefix: $prefix, first: 6) { text kind node { __typename } } }'

  const { suggest } = await catalog.answer(query, { prefix: 'lo' })

  expect(suggest).toEqual([
    { text: 'Love in Transit', kind: 'ARTIST', node: { __typename: 'Artist' } },
    { text: 'Lovely', kind: 'TRACK', node: { __typename: 'Track' } },
    { text: 'Love Story', kind: 'TRACK', node: { __typename: 'Track' } },
    { text: 'Love', kind: 'TRACK', node: { __typename: 'Track' } },
  ])
})

test('a search of all kinds is one read, and one more for the tracks it found', async () => {
  const query = '{ search(query: "lovely") { topHit { __typename } tracks { edges { node { title } } } } }'

  expect(await statementsOf(() => catalog.answer(query))).toHaveLength(2)
})

test('of more than enough that begin so, the most popular are found, whatever their place in the alphabet', async () => {
  const sketches = Array.from({ length: 400 }, (_, index) => ({
    title: `Zeppelin ${String(index).padStart(3, '0')}`,
    popularity: index === 399 ? 100 : index === 398 ? 70 : index % 20,
  }))
  await catalog.catalogue.write(draftTracks(...sketches))

  expect((await titlesOf('zepp')).slice(0, 2)).toEqual(['Zeppelin 399', 'Zeppelin 398'])
  expect((await titlesOf('zeppelin')).slice(0, 2)).toEqual(['Zeppelin 399', 'Zeppelin 398'])
})

test('short names are found by all of them', async () => {
  await catalog.catalogue.write(
    draftTracks(
      ...['U2', 'MØ', 'K?D', '+44', 'M83', 'O'].map((name) => ({ title: `By ${name}`, artists: [name] })),
    ),
  )

  const top = async (query: string) => (await find(query)).topHit
  for (const name of ['U2', 'MØ', 'K?D', '+44', 'M83', 'O'])
    expect(await top(name)).toEqual({ __typename: 'Artist', name })
  expect(await top('???')).toEqual({ __typename: 'Artist', name: '???' })
})
