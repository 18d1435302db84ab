import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Answer, createTestCatalog, statementsOf, type TestCatalog } from './testing/catalog-room.ts'
import { ALBUMS, ARTIST, discography, TRACKS } from './testing/discography.ts'
import { idOf } from './testing/drafts.ts'

let catalog: TestCatalog

beforeAll(async () => {
  catalog = await createTestCatalog()
  await catalog.catalogue.write(discography())
})
afterAll(() => catalog[Symbol.asyncDispose]())

test('a batch of references of one type is resolved in order with one query', async () => {
  const representations = [
    { __typename: 'Track', id: idOf('track', 'Song 5') },
    { __typename: 'Track', id: 'track_0000000000000000000000' },
    { __typename: 'Track', id: 'track_\u0000' },
    { __typename: 'Track', id: idOf('track', 'Song 1') },
    { __typename: 'Track', id: idOf('track', 'Song 5') },
  ]
  const query = `query ($representations: [_Any!]!) {
    _entities(representations: $representations) { ... on Track { id title } }
  }`
  let answer: Record<string, unknown> = {}

  const statements = await statementsOf(async () => {
    answer = await catalog.answer(query, { representations })
  })

  expect(statements).toHaveLength(1)
  expect(answer['_entities']).toEqual([
    { id: idOf('track', 'Song 5'), title: 'Song 5' },
    null,
    null,
    { id: idOf('track', 'Song 1'), title: 'Song 1' },
    { id: idOf('track', 'Song 5'), title: 'Song 5' },
  ])
})

test('an artist page of 20 albums with 30 tracks each is one read a level', async () => {
  const query = `query ($id: ID!) {
    artist(id: $id) {
      id name genres { name }
      albums(first: 20) {
        edges { cursor node { id title tracks(first: 30) { nodes { id title artists { name } } } } }
        pageInfo { hasNextPage endCursor }
      }
      topTracks(first: 10) { id title }
    }
  }`
  let artist: Record<string, unknown> = {}

  const statements = await statementsOf(async () => {
    artist = (await catalog.answer(query, { id: ARTIST }))['artist']
  })

  expect(statements.map(levelOf).sort()).toEqual([
    'albums',
    'artist',
    'artists of tracks',
    'genres',
    'top tracks',
    'tracks of albums',
  ])
  const albums = (artist['albums'] as { edges: { node: { title: string; tracks: { nodes: object[] } } }[] })
    .edges
  expect(artist['genres']).toEqual([{ name: 'Jazz' }, { name: 'Folk' }])
  expect(albums).toHaveLength(ALBUMS)
  expect(albums.map(({ node }) => node.tracks.nodes.length)).toEqual(Array(ALBUMS).fill(TRACKS))
  expect(albums[0]?.node.title).toBe('Album 19')
  expect(albums[0]?.node.tracks.nodes[0]).toMatchObject({
    title: 'Song 570',
    artists: [{ name: 'Maren' }, { name: 'Guest 3' }],
  })
})

/** Which level of the page a statement reads. */
function levelOf(statement: string): string {
  const levels = {
    artist: /FROM artist WHERE id/,
    genres: /FROM artist_genre/,
    albums: /FROM album_artist WHERE/,
    'tracks of albums': /FROM track WHERE album_id/,
    'artists of tracks': /FROM track_artist JOIN artist/,
    'top tracks': /FROM track_artist WHERE/,
  }
  const text = statement.replace(/\s+/g, ' ')
  return Object.entries(levels).find(([, pattern]) => pattern.test(text))?.[0] ?? text
}

test('albums come newest first, the undated last, and their pages join without gap or repeat', async () => {
  const query = `query ($id: ID!, $after: String) {
    artist(id: $id) { albums(first: 7, after: $after) {
      totalCount nodes { title } pageInfo { hasNextPage hasPreviousPage endCursor }
    } }
  }`
  const titles: string[] = []

  let after: string | null = null
  let pages = 0
  do {
    const { albums }: Answer = (await catalog.answer(query, { id: ARTIST, after }))['artist']
    expect(albums.totalCount).toBe(ALBUMS)
    expect(albums.pageInfo.hasPreviousPage).toBe(after !== null)
    titles.push(...albums.nodes.map((album: { title: string }) => album.title))
    after = albums.pageInfo.hasNextPage ? albums.pageInfo.endCursor : null
    pages++
  } while (after !== null)

  expect(pages).toBe(3)
  expect(titles).toEqual(Array.from({ length: ALBUMS }, (_, index) => `Album ${ALBUMS - 1 - index}`))
})

test('tracks of an album come by disc and number, page by page', async () => {
  const query = `query ($id: ID!, $after: String) {
    album(id: $id) { tracks(first: 20, after: $after) { nodes { discNumber trackNumber } pageInfo { endCursor } totalCount } }
  }`

  const first = (await catalog.answer(query, { id: idOf('album', 'Album 3') }))['album'].tracks
  const after = first.pageInfo.endCursor
  const second = (await catalog.answer(query, { id: idOf('album', 'Album 3'), after }))['album'].tracks

  expect(
    [...first.nodes, ...second.nodes].map(({ discNumber, trackNumber }) => [discNumber, trackNumber]),
  ).toEqual(Array.from({ length: TRACKS }, (_, index) => [index < 15 ? 1 : 2, (index % 15) + 1]))
  expect(first.totalCount).toBe(TRACKS)
})

test('top tracks and the tracks of a genre come by popularity', async () => {
  const query = `query ($artist: ID!, $genre: ID!) {
    artist(id: $artist) { topTracks(first: 3) { title } }
    node(id: $genre) { ... on Genre { name tracks(first: 3) { totalCount nodes { title } pageInfo { endCursor } } } }
  }`

  const { artist, node } = await catalog.answer(query, { artist: ARTIST, genre: idOf('genre', 'Jazz') })
  const more = await catalog.answer(
    `query ($genre: ID!, $after: String) { node(id: $genre) { ... on Genre { tracks(first: 3, after: $after) { nodes { title } } } } }`,
    { genre: idOf('genre', 'Jazz'), after: node.tracks.pageInfo.endCursor },
  )

  const hundred = ['Song 100', 'Song 201', 'Song 302', 'Song 403', 'Song 504'] // popularity 100: every 101st
  const found = [...node.tracks.nodes, ...more['node'].tracks.nodes].map(({ title }) => title)
  expect(artist.topTracks).toEqual(node.tracks.nodes)
  expect(new Set(found.slice(0, 5))).toEqual(new Set(hundred))
  expect(found[5]).toMatch(/^Song (99|200|301|402|503)$/)
  expect(node.tracks.totalCount).toBe(ALBUMS * TRACKS)
})

test('a track says where it plays: everywhere when nothing is known, nowhere when the list is empty', async () => {
  const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Track { markets audioFeatures { tempo key } album { title } genres { name } } } }`
  const ids = [0, 1, 2].map((index) => idOf('track', `Song ${index}`))

  const [listed, nowhere, everywhere] = (await catalog.answer(query, { ids }))['nodes']

  expect(listed).toEqual({
    markets: ['DE', 'SE'],
    audioFeatures: { tempo: 118.5, key: 7 },
    album: { title: 'Album 0' },
    genres: [{ name: 'Folk' }, { name: 'Jazz' }],
  })
  expect(nowhere.markets).toEqual([])
  expect(everywhere.markets).toHaveLength(249)
  expect(everywhere.audioFeatures).toBeNull()
})

test('a show has its episodes newest first, the undated last', async () => {
  const query = `query ($id: ID!, $after: String) {
    show(id: $id) { title episodes(first: 3, after: $after) { totalCount nodes { title publishedAt show { title } } pageInfo { endCursor } } }
  }`

  const { show } = await catalog.answer(query, { id: idOf('show', 'Tide') })
  const after = show.episodes.pageInfo.endCursor
  const rest = (await catalog.answer(query, { id: idOf('show', 'Tide'), after }))['show'].episodes

  expect(show.episodes.nodes[0]).toEqual({
    title: 'Tide 3',
    publishedAt: '2026-04-01T06:00:00.000Z',
    show: { title: 'Tide' },
  })
  expect(rest.nodes.map(({ title }: { title: string }) => title)).toEqual(['Tide 0', 'Tide 4'])
  expect(show.episodes.totalCount).toBe(5)
})

test('genres are listed by name', async () => {
  const query = `query ($after: String) { genres(first: 1, after: $after) { totalCount nodes { name } pageInfo { hasNextPage endCursor } } }`

  const { genres } = await catalog.answer(query)
  const second = (await catalog.answer(query, { after: genres.pageInfo.endCursor }))['genres']

  expect([genres.nodes, second.nodes]).toEqual([[{ name: 'Folk' }], [{ name: 'Jazz' }]])
  expect([genres.totalCount, second.pageInfo.hasNextPage]).toEqual([2, false])
})

test('nodes keep their order; what is missing is null and what others own is a reference to it', async () => {
  const playlist = idOf('playlist', 'of another room')
  const ids = [
    playlist,
    idOf('track', 'Song 1'),
    idOf('track', 'none'),
    'no id',
    ARTIST,
    idOf('user', 'x'),
    '\u0000',
  ]
  const query = `query ($ids: [ID!]!) { nodes(ids: $ids) {
    __typename ... on Track { id } ... on Artist { id } ... on Playlist { ref } ... on User { ref }
  } }`

  const { nodes } = await catalog.answer(query, { ids })

  expect(nodes).toEqual([
    { __typename: 'Playlist', ref: playlist },
    { __typename: 'Track', id: idOf('track', 'Song 1') },
    null,
    null,
    { __typename: 'Artist', id: ARTIST },
    { __typename: 'User', ref: idOf('user', 'x') },
    null,
  ])
})

test('a hundred nodes of one type are one read, a hundred and one are refused', async () => {
  const ids = Array.from({ length: 100 }, (_, index) => idOf('track', `Song ${index}`))
  const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Track { id } } }'

  const statements = await statementsOf(() => catalog.answer(query, { ids }))

  expect(statements).toHaveLength(1)
  expect(await catalog.refusal(query, { ids: [...ids, ARTIST] })).toBe('BAD_USER_INPUT')
  expect((await catalog.answer(query, { ids: [] }))['nodes']).toEqual([])
})

test('the room is ready while its database answers', async () => {
  expect(await catalog.room.isReady()).toBe(true)
})
