import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { newId } from '#shared/id.ts'
import { anonymous, type Identity } from '#shared/identity.ts'
import { type Answer, createTestCatalog, type TestCatalog } from '../testing/catalog-room.ts'
import { draftTracks, idOf } from '../testing/drafts.ts'

const ADMIN: Identity = { ...anonymous('SE'), userId: newId('user'), role: 'ADMIN', tier: 'PREMIUM' }
const LISTENER: Identity = { ...ADMIN, role: 'LISTENER', artists: [idOf('artist', 'Ann')] }
const NIGHT = idOf('track', 'Night')
const TIDE = idOf('album', 'Tide')
const SHOW = idOf('show', 'Slow')

let catalog: TestCatalog

beforeAll(async () => {
  catalog = await createTestCatalog()
})
beforeEach(async () => {
  await catalog.empty()
  await catalog.catalogue.write(songs())
  await catalog.events('catalog.track-changed.v1')
  await catalog.events('catalog.episode-changed.v1')
})
afterAll(() => catalog[Symbol.asyncDispose]())

function songs() {
  const draft = draftTracks(
    { title: 'Night', album: 'Tide', artists: ['Ann'], genres: ['Folk'], popularity: 90 },
    { title: 'Dawn', album: 'Tide', artists: ['Ann'], genres: ['Folk'], popularity: 10 },
    { title: 'Noon', album: 'Ebb', artists: ['Ann'], genres: ['Folk'], popularity: 50 },
  )
  const episode = (title: string) => ({
    id: idOf('episode', title),
    sourceKey: title,
    showId: SHOW,
    title,
    description: null,
    durationMs: 90_000,
    publishedAt: '2026-01-01T06:00:00.000Z',
    markets: null,
    features: null,
    isComposable: false,
  })
  return {
    ...draft,
    albums: draft.albums.map((album) => ({ ...album, releaseDate: '2026-01-01' })),
    shows: [{ id: SHOW, sourceKey: 'Slow', title: 'Slow', description: null, publisher: null }],
    episodes: [episode('Slow one'), episode('Slow two')],
  }
}

const PAYLOAD = '{ node { __typename id } userErrors { code field } }'
async function change(query: string, input: object, identity: Identity): Promise<Answer> {
  const { data, errors } = await catalog.room.execute({ query, variables: { input }, identity })
  expect(errors).toBeUndefined()
  return data?.['payload'] as Answer
}
const takeDown = (id: string, identity = ADMIN, reason = 'A claim') =>
  change(
    `mutation ($input: CatalogTakeDownInput!) { payload: catalogTakeDown(input: $input) ${PAYLOAD} }`,
    { id, reason },
    identity,
  )
const restore = (id: string, identity = ADMIN) =>
  change(
    `mutation ($input: CatalogRestoreInput!) { payload: catalogRestore(input: $input) ${PAYLOAD} }`,
    { id },
    identity,
  )

const LISTS = `query ($artist: ID!, $genre: ID!, $album: ID!, $show: ID!) {
  artist(id: $artist) { topTracks { title } albums { totalCount nodes { title } } }
  node(id: $genre) { ... on Genre { tracks { totalCount nodes { title } } } }
  album(id: $album) { tracks { totalCount nodes { title } } }
  show(id: $show) { episodes { totalCount nodes { title } } }
  newReleases { totalCount nodes { title } }
  found: search(query: "night") { tracks { edges { node { title } } } }
  albums: search(query: "tide") { albums { edges { node { title } } } }
  suggest(prefix: "nig") { text }
}`
/** Everything anybody can come upon, by name. */
async function lists(): Promise<Record<string, string[]>> {
  const variables = { artist: idOf('artist', 'Ann'), genre: idOf('genre', 'Folk'), album: TIDE, show: SHOW }
  const answer = await catalog.answer(LISTS, variables)
  const titles = (nodes: Answer[]): string[] => nodes.map((node) => node['title'])
  const page = ({ totalCount, nodes }: Answer): string[] => {
    expect(totalCount).toBe(nodes.length)
    return titles(nodes)
  }
  const hits = ({ edges }: Answer): string[] => titles(edges.map((edge: Answer) => edge['node']))
  return {
    top: titles(answer['artist'].topTracks),
    albums: page(answer['artist'].albums).sort(),
    genre: page(answer['node'].tracks),
    album: page(answer['album'].tracks),
    show: page(answer['show'].episodes).sort(),
    releases: page(answer['newReleases']).sort(),
    found: hits(answer['found'].tracks),
    foundAlbums: hits(answer['albums'].albums),
    suggested: answer['suggest'].map((row: Answer) => row['text']),
  }
}

const ALL = {
  top: ['Night', 'Noon', 'Dawn'],
  albums: ['Ebb', 'Tide'],
  genre: ['Night', 'Noon', 'Dawn'],
  album: ['Night', 'Dawn'],
  show: ['Slow one', 'Slow two'],
  releases: ['Ebb', 'Tide'],
  found: ['Night'],
  foundAlbums: ['Tide'],
  suggested: ['Night'],
}

test('a track that is taken down is in no list and not found, and all comes back with it', async () => {
  expect(await lists()).toEqual(ALL)

  expect(await takeDown(NIGHT)).toEqual({ node: { __typename: 'Track', id: NIGHT }, userErrors: [] })
  expect(await lists()).toEqual({
    ...ALL,
    top: ['Noon', 'Dawn'],
    genre: ['Noon', 'Dawn'],
    album: ['Dawn'],
    found: [],
    suggested: [],
  })
  expect(await restore(NIGHT)).toEqual({ node: { __typename: 'Track', id: NIGHT }, userErrors: [] })
  expect(await lists()).toEqual(ALL)
})

test('an album takes its tracks with it, those that come later too', async () => {
  await takeDown(TIDE)
  await catalog.catalogue.write(
    draftTracks({ title: 'Late', album: 'Tide', artists: ['Ann'], genres: ['Folk'] }),
  )

  expect(await lists()).toEqual({
    ...ALL,
    top: ['Noon'],
    albums: ['Ebb'],
    genre: ['Noon'],
    album: [],
    releases: ['Ebb'],
    found: [],
    foundAlbums: [],
    suggested: [],
  })
  await restore(TIDE)
  expect((await lists())['album']?.sort()).toEqual(['Dawn', 'Late', 'Night'])
})

test('a track taken down itself stays down when its album comes back, and one of an album that is down does not come back alone', async () => {
  await takeDown(NIGHT)
  await takeDown(TIDE)
  await restore(TIDE)
  expect((await lists())['album']).toEqual(['Dawn'])

  await takeDown(TIDE)
  await restore(NIGHT)
  expect((await lists())['album']).toEqual([])
})

test('a show takes its episodes with it, an episode only itself', async () => {
  await takeDown(idOf('episode', 'Slow one'))
  expect((await lists())['show']).toEqual(['Slow two'])
  await takeDown(SHOW)
  expect((await lists())['show']).toEqual([])

  const told = await catalog.events('catalog.episode-changed.v1')
  expect(told.map(({ title, isRemoved }) => [title, isRemoved])).toEqual([
    ['Slow one', true],
    ['Slow two', true],
  ])
  expect(
    (await catalog.answer('{ search(query: "slow") { episodes { edges { cursor } } } }'))['search'].episodes
      .edges,
  ).toEqual([])
})

test('an import that says the track again does not bring it back', async () => {
  await takeDown(NIGHT)
  const draft = songs()
  await catalog.catalogue.write({
    ...draft,
    tracks: draft.tracks.map((track) => ({ ...track, explicit: true })),
  })

  expect(await catalog.db.track.findUnique({ where: { id: NIGHT } })).toMatchObject({
    explicit: true,
    isRemoved: true,
  })
  expect((await lists())['top']).toEqual(['Noon', 'Dawn'])
  expect((await lists())['found']).toEqual([])
})

test('who has the id sees what it is', async () => {
  await takeDown(NIGHT)

  expect(
    await catalog.answer('query ($id: ID!) { track(id: $id) { title album { title } } }', { id: NIGHT }),
  ).toEqual({
    track: { title: 'Night', album: { title: 'Tide' } },
  })
})

test('it is told once, with the version that follows', async () => {
  await takeDown(NIGHT)
  await takeDown(NIGHT)
  await restore(NIGHT)
  await restore(NIGHT)

  const told = await catalog.events('catalog.track-changed.v1')
  expect(told).toMatchObject([
    { trackId: NIGHT, isRemoved: true, version: 2 },
    { trackId: NIGHT, isRemoved: false, version: 3 },
  ])
})

test('the first reason is kept, with who gave it', async () => {
  await takeDown(NIGHT, ADMIN, ' A claim ')
  await takeDown(NIGHT, ADMIN, 'Another')

  expect(
    await catalog.db.takedown.findMany({ select: { nodeId: true, reason: true, takenBy: true } }),
  ).toEqual([{ nodeId: NIGHT, reason: 'A claim', takenBy: ADMIN.userId }])
})

describe('the list', () => {
  const LIST = `query ($first: Int, $after: String, $isStanding: Boolean) {
    catalogTakedowns(first: $first, after: $after, isStanding: $isStanding) {
      edges { cursor } nodes { target { id } reason takenBy { ref } takenAt restoredBy { ref } restoredAt } pageInfo { hasNextPage endCursor } } }`
  const OTHER: Identity = { ...ADMIN, userId: newId('user') }

  async function list(variables: object = {}, identity = ADMIN): Promise<Answer | null> {
    const { data, errors } = await catalog.room.execute({
      query: LIST,
      variables: { ...variables },
      identity,
    })
    expect(errors).toBeUndefined()
    return (data?.['catalogTakedowns'] ?? null) as Answer | null
  }
  const reasons = async (variables: object = {}): Promise<string[]> =>
    (await list(variables))?.['nodes'].map(({ reason }: Answer) => reason)

  test('says of each what, who, when and why, and whether it was restored, the newest first', async () => {
    const before = Date.now() - 1
    await takeDown(NIGHT, ADMIN, 'A claim')
    await restore(NIGHT, OTHER)
    await takeDown(NIGHT, OTHER, 'Another claim')
    await takeDown(SHOW, ADMIN, 'A third')

    const [third, second, first, ...more] = (await list())?.['nodes'] ?? []
    expect(more).toEqual([])
    expect(third).toMatchObject({
      target: { id: SHOW },
      reason: 'A third',
      restoredBy: null,
      restoredAt: null,
    })
    expect(second).toMatchObject({
      target: { id: NIGHT },
      reason: 'Another claim',
      takenBy: { ref: OTHER.userId },
      restoredBy: null,
    })
    expect(first).toMatchObject({
      target: { id: NIGHT },
      reason: 'A claim',
      takenBy: { ref: ADMIN.userId },
      restoredBy: { ref: OTHER.userId },
    })
    const times = [first.takenAt, first.restoredAt, second.takenAt, third.takenAt].map((at) =>
      new Date(at).getTime(),
    )
    expect(times).toEqual(times.toSorted((one, other) => one - other))
    expect(times[0]).toBeGreaterThan(before)
    expect(await reasons({ isStanding: true })).toEqual(['A third', 'Another claim'])
    expect(await reasons({ isStanding: false })).toEqual(['A claim'])
  })

  test('is read page by page, each once, whatever comes meanwhile', async () => {
    for (const reason of ['one', 'two', 'three', 'four']) {
      await takeDown(NIGHT, ADMIN, reason)
      await restore(NIGHT)
    }
    const page = await list({ first: 3 })
    await takeDown(SHOW, ADMIN, 'five')

    expect(page?.['nodes'].map(({ reason }: Answer) => reason)).toEqual(['four', 'three', 'two'])
    expect(page?.['pageInfo'].hasNextPage).toBe(true)
    expect(await reasons({ first: 3, after: page?.['pageInfo'].endCursor })).toEqual(['one'])
    expect((await list({ first: 5 }))?.['pageInfo'].hasNextPage).toBe(false)
  })

  test('is of 1 to 100, from cursors of its own', async () => {
    const refusal = (variables: object) =>
      catalog.room
        .execute({ query: LIST, variables: { ...variables }, identity: ADMIN })
        .then(({ errors }) => errors?.[0]?.extensions?.['code'])
    const foreign = Buffer.from(JSON.stringify(['x'])).toString('base64url')

    expect(await refusal({ first: 0 })).toBe('BAD_USER_INPUT')
    expect(await refusal({ first: 101 })).toBe('BAD_USER_INPUT')
    expect(await refusal({ after: foreign })).toBe('BAD_USER_INPUT')
    expect(await refusal({ first: 1 })).toBeUndefined()
    expect(await refusal({ first: 100 })).toBeUndefined()
  })

  test('is there for nobody else', async () => {
    await takeDown(NIGHT)

    expect(await list({}, LISTENER)).toBeNull()
    expect(await list({}, anonymous('SE'))).toBeNull()
    expect((await list())?.['nodes']).toHaveLength(1)
  })
})

test('nobody else may, and nothing is changed', async () => {
  const query = `mutation ($input: CatalogTakeDownInput!) { catalogTakeDown(input: $input) { node { id } } }`
  const { errors } = await catalog.room.execute({
    query,
    variables: { input: { id: NIGHT, reason: 'Mine' } },
    identity: anonymous('SE'),
  })

  expect(errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED')
  expect(await takeDown(NIGHT, LISTENER)).toEqual({
    node: null,
    userErrors: [{ code: 'FORBIDDEN', field: null }],
  })
  expect(await restore(NIGHT, LISTENER)).toEqual({
    node: null,
    userErrors: [{ code: 'FORBIDDEN', field: null }],
  })
  expect(await catalog.db.takedown.count()).toBe(0)
})

test.each([newId('track'), idOf('artist', 'Ann'), idOf('genre', 'Folk'), 'nonsense', '', 'track_\0'])(
  'NOT_FOUND: %j',
  async (id) => {
    expect(await takeDown(id)).toEqual({ node: null, userErrors: [{ code: 'NOT_FOUND', field: ['id'] }] })
    expect(await restore(id)).toEqual({ node: null, userErrors: [{ code: 'NOT_FOUND', field: ['id'] }] })
  },
)

test('a reason has 1 to 500 characters', async () => {
  for (const reason of ['', ' ', '𝄞'.repeat(501), 'a\0', '\ud800'])
    expect((await takeDown(NIGHT, ADMIN, reason))['userErrors']).toEqual([
      { code: 'BAD_USER_INPUT', field: ['reason'] },
    ])
  for (const reason of ['a', '𝄞'.repeat(500)])
    expect((await takeDown(NIGHT, ADMIN, reason))['userErrors']).toEqual([])
})

test('what is kept of lists goes when something in them is taken down', async () => {
  await catalog.room.start()
  expect(await lists()).toEqual(ALL)
  await takeDown(TIDE)

  await expect.poll(async () => Object.values(await lists()).flat()).not.toContain('Night')
  await restore(TIDE)
  await expect.poll(lists).toEqual(ALL)
})
