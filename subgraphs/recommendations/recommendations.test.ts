import { readFileSync } from 'node:fs'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { Kind, parse, print, TypeInfo, visit, visitWithTypeInfo } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Identity } from '#shared/identity.ts'
import { readSchema } from '#shared/schema.ts'
import {
  createTestRoom,
  idOf,
  listener,
  NOBODY,
  type TestRoom,
  type TestTrack,
} from './testing/recommendations-room.ts'

const RECOMMENDATIONS = `query ($seeds: [ID!], $first: Int, $after: String, $context: RecommendationContext) {
  recommendations(seeds: $seeds, first: $first, after: $after, context: $context) {
    source modelVersion experiment { name }
    edges { score because { strategy weight seed { __typename ... on Track { id } ... on Artist { id } } } node { id } }
    nodes { id }
    pageInfo { hasNextPage endCursor }
  }
}`

interface Answer {
  source: string
  modelVersion: string | null
  experiment: null
  edges: {
    score: number
    because: { strategy: string; weight: number; seed: { __typename: string; id: string } | null }[]
    node: { id: string }
  }[]
  nodes: { id: string }[]
  pageInfo: { hasNextPage: boolean; endCursor: string | null }
}

const TYPENAME = { kind: Kind.NAME, value: '__typename' } as const

// Five kinds of sound, 40 tracks each, 8 artists each: `calm 3` sounds more like `calm 30` than like any `wild`.
const SOUNDS = { calm: 0.1, mild: 0.3, even: 0.5, bold: 0.7, wild: 0.9 }
const tracks: TestTrack[] = Object.entries(SOUNDS).flatMap(([sound, level]) =>
  Array.from({ length: 40 }, (_, index): TestTrack => {
    const energy = level + index / 1_000
    return {
      name: `${sound} ${index}`,
      artists: [`${sound} artist ${index % 8}`],
      popularity: index,
      markets: index % 20 === 19 ? ['US'] : ['SE', 'US'],
      features: { energy, danceability: energy, tempo: 100 + 40 * energy, acousticness: 1 - energy },
    }
  }),
)

let room: TestRoom

beforeAll(async () => {
  room = await createTestRoom()
  await room.know(tracks)
  await room.play(['wild 1', 'calm 5'].map((track, index) => ({ track, user: 'ann', daysAgo: 3 - index })))
})
afterAll(() => room[Symbol.asyncDispose]())

test('near a seed is what sounds like it, with the seed as the reason', async () => {
  const { source, modelVersion, experiment, edges } = await recommend({ seeds: [track('calm 3')] })

  expect(source).toBe('PERSONAL')
  expect(modelVersion).toMatch(/^content-1\.\d+$/)
  expect(experiment).toBeNull()
  expect(edges.map(({ node }) => nameOf(node)).every((name) => name.startsWith('calm'))).toBe(false)
  expect(edges.slice(0, 12).map(({ node }) => nameOf(node).split(' ')[0])).toEqual(Array(12).fill('calm'))
  expect(edges.map(({ score }) => score)).toEqual(
    edges.map(({ score }) => score).toSorted((one, other) => other - one),
  )
  for (const { because } of edges)
    expect(because).toEqual([
      { strategy: 'CONTENT', weight: 1, seed: { __typename: 'Track', id: track('calm 3') } },
    ])
})

test('of several seeds the one that is nearest comes first, and the shares add up to 1', async () => {
  const seeds = [track('wild 3'), artist('calm artist 1'), track('nobody knows it'), track('wild 3')]
  const { edges } = await recommend({ seeds, first: 100 })

  for (const { because, node, score } of edges) {
    expect(because.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9)
    expect(because.map(({ weight }) => weight)).toEqual(
      because.map(({ weight }) => weight).toSorted((one, other) => other - one),
    )
    expect(score).toBeGreaterThan(0)
    expect(score).toBeLessThanOrEqual(1)
    if (nameOf(node).startsWith('calm'))
      expect(because[0]?.seed).toEqual({ __typename: 'Artist', id: artist('calm artist 1') })
    if (nameOf(node).startsWith('wild')) expect(because[0]?.seed?.id).toBe(track('wild 3'))
  }
  expect(edges.some(({ node }) => nameOf(node).startsWith('calm'))).toBe(true)
  expect(edges.some(({ node }) => nameOf(node).startsWith('wild'))).toBe(true)
})

test('without seeds that are known here it is what the listener played last', async () => {
  const plain = await recommend({}, listener('ann'))
  const unknown = await recommend({ seeds: [track('nobody knows it'), '', 'x\u0000y'] }, listener('ann'))

  expect(plain.source).toBe('PERSONAL')
  expect(new Set(plain.edges.flatMap(({ because }) => because.map(({ seed }) => seed?.id)))).toEqual(
    new Set([track('wild 1'), track('calm 5')]),
  )
  // The last play counts most.
  expect(plain.edges[0]?.because[0]?.seed?.id).toBe(track('calm 5'))
  expect(unknown).toEqual(plain)
})

test.each([
  ['a visitor', NOBODY],
  ['a new listener', listener('bob')],
])('%s without seeds gets what is trending', async (_, identity) => {
  const { source, modelVersion, edges, nodes } = await recommend({}, identity)

  expect(source).toBe('TRENDING')
  expect(modelVersion).toBeNull()
  expect(nodes[0]?.id).toBe(track('calm 5'))
  expect(edges[0]?.score).toBeGreaterThan(edges[1]?.score ?? 1)
  for (const { because } of edges) expect(because).toEqual([{ strategy: 'TRENDING', weight: 1, seed: null }])
})

test('the seeds and what was just played are left out, and so is what the listener’s country may not hear', async () => {
  const seeds = [track('wild 3'), track('wild 19')]
  const swede = await everything({ seeds }, listener('ann', 'SE'))
  const american = await everything({ seeds }, listener('ann', 'US'))

  for (const name of ['wild 3', 'wild 19', 'wild 1', 'calm 5']) {
    expect(swede).not.toContain(track(name))
    expect(american).not.toContain(track(name))
  }
  const foreign = tracks.filter(({ markets }) => markets?.length === 1).map(({ name }) => track(name))
  expect(swede.filter((id) => foreign.includes(id))).toEqual([])
  expect(american.filter((id) => foreign.includes(id)).length).toBeGreaterThan(0)
})

test.each([
  ['near a seed', { seeds: [track('even 3')] }, NOBODY],
  ['near what was played', {}, listener('ann')],
  ['trending', {}, NOBODY],
])(
  'pages %s follow each other without a repeat, with at most two tracks of an artist',
  async (_, wish, identity) => {
    const all = await everything({ ...wish, first: 7 }, identity)

    expect(new Set(all).size).toBe(all.length)
    expect(all.length).toBeGreaterThan(70)
    expect(all).toEqual(await everything({ ...wish, first: 100 }, identity))
    const artists = all.flatMap((id) => tracks.find(({ name }) => track(name) === id)?.artists ?? [])
    for (const one of new Set(artists))
      expect(artists.filter((other) => other === one).length).toBeLessThanOrEqual(2)
  },
)

test('playing on while paging neither repeats nor drops a track', async () => {
  const cleo = listener('cleo')
  await room.play([{ track: 'bold 1', user: 'cleo', daysAgo: 1 }])
  const before = await everything({}, cleo)
  const first = await recommend({ first: 10 }, cleo)

  await room.play([
    { track: nameOf(first.nodes[3]), user: 'cleo' },
    { track: 'calm 9', user: 'cleo' },
  ])
  const second = await recommend({ first: 10, after: first.pageInfo.endCursor }, cleo)

  expect([...first.nodes, ...second.nodes].map(({ id }) => id)).toEqual(before.slice(0, 20))
  const afresh = await recommend({ first: 100 }, cleo)
  expect(afresh.edges.some(({ because }) => because[0]?.seed?.id === track('calm 9'))).toBe(true)
})

test('a workout asks for more energy than no context, sleep for less, and the hour moves it less than either', async () => {
  const seeds = [track('even 20')]
  const energy = async (context: object | null) => {
    const { nodes } = await recommend({ seeds, context, first: 10 })
    return nodes.reduce((sum, node) => sum + SOUNDS[soundOf(node)], 0) / nodes.length
  }

  const plain = await energy(null)
  const workout = await energy({ activity: 'WORKOUT' })
  const sleep = await energy({ activity: 'SLEEP' })
  const night = await energy({ timeOfDay: 'NIGHT' })

  expect(workout).toBeGreaterThan(plain)
  expect(sleep).toBeLessThan(plain)
  expect(night).toBeLessThanOrEqual(plain)
  expect(night).toBeGreaterThan(sleep)
})

test('a batch of references is answered in order; ids that nobody knows have empty lists', async () => {
  const query = `query ($representations: [_Any!]!) {
    _entities(representations: $representations) {
      ... on Track { id similar(first: 3) { nodes { id } totalCount pageInfo { hasNextPage } } }
      ... on Artist { id related(first: 2) { nodes { id } edges { cursor } } }
      ... on User { id }
    }
  }`
  const hostile = ['', '\u0000', '__proto__', "'; DROP TABLE track;--", 'x'.repeat(100_000)]
  const representations = [
    { __typename: 'Artist', id: artist('calm artist 1') },
    { __typename: 'Track', id: track('wild 5') },
    ...hostile.map((id) => ({ __typename: 'Track', id })),
    ...hostile.map((id) => ({ __typename: 'Artist', id })),
    { __typename: 'Track', id: track('wild 5') },
    { __typename: 'User', id: idOf('user', 'ann') },
  ]

  interface Entity {
    id: string
    similar?: { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean } }
    related?: { nodes: { id: string }[] }
  }
  const { _entities: entities } = await room.answer<{ _entities: Entity[] }>(query, { representations })

  expect(entities.map(({ id }) => id)).toEqual(representations.map(({ id }) => id))
  expect(entities[0]?.related?.nodes.map(({ id }) => id)).toEqual([
    artist('calm artist 0'),
    artist('calm artist 2'),
  ])
  expect(entities[1]?.similar?.nodes.map(nameOf)).toEqual(['wild 4', 'wild 6', 'wild 3'])
  expect(entities[1]?.similar?.pageInfo.hasNextPage).toBe(true)
  expect(entities.at(-2)).toEqual(entities[1])
  for (const entity of entities.slice(2, -2)) expect((entity.similar ?? entity.related)?.nodes).toEqual([])
})

test.each(['similar', 'related'])('pages of %s follow each other without a repeat', async (field) => {
  const [type, id] = field === 'similar' ? ['Track', track('mild 7')] : ['Artist', artist('mild artist 3')]
  const query = `query ($representations: [_Any!]!, $first: Int, $after: String) {
    _entities(representations: $representations) {
      ... on ${type} { list: ${field}(first: $first, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }
    }
  }`
  const page = async (first: number, after: string | null) => {
    const variables = { representations: [{ __typename: type, id }], first, after }
    const answer = await room.answer<{ _entities: { list: Pick<Answer, 'nodes' | 'pageInfo'> }[] }>(
      query,
      variables,
    )
    return answer._entities[0]?.list as Pick<Answer, 'nodes' | 'pageInfo'>
  }

  const seen: string[] = []
  for (let after: string | null = null, isMore = true; isMore; ) {
    const { nodes, pageInfo } = await page(6, after)
    seen.push(...nodes.map((node) => node.id))
    after = pageInfo.endCursor
    isMore = pageInfo.hasNextPage
  }

  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.length).toBeGreaterThan(30)
  expect(seen).toEqual((await page(100, null)).nodes.map((node) => node.id))
})

test.each([
  { first: 0 },
  { first: 101 },
  { seeds: Array(21).fill(track('calm 1')) },
  { after: 'nonsense' },
  { after: cursor('rank', 'content-1.1', '3') },
  { after: cursor('taste', 'content-1.1', '-3', '0') },
  { after: cursor('taste', 'content-1.1', '3', '99999999999999999999999') },
  { after: cursor('chart', '1', '2', 'x', 'y') },
])('%j is BAD_USER_INPUT', async (variables) => {
  const { errors } = await room.ask(RECOMMENDATIONS, variables)

  expect(errors?.map((error) => error.extensions?.['code'])).toEqual(['BAD_USER_INPUT'])
})

test('a forged position is a page beyond the end, not a fault', async () => {
  const forged = [cursor('taste', 'x', '999999999', '0'), cursor('chart', '-999999999', '0', '\u0000')]
  for (const after of forged)
    expect((await recommend({ seeds: [track('calm 1')], after })).edges.length).toBeLessThan(21)
})

test('a copy follows the catalogue: older news changes nothing, and what is gone is gone', async () => {
  await using small = await createTestRoom()
  const near = async () => {
    const { nodes } = await recommend({ seeds: [track('seed')] }, NOBODY, small)
    return nodes.map(({ id }) => id)
  }
  await small.know([
    { name: 'seed' },
    { name: 'a', features: { energy: 0.9 }, version: 5 },
    { name: 'b', features: { energy: 0.6 } },
  ])
  expect(await near()).toEqual([track('b'), track('a')])

  await small.know([{ name: 'a', features: { energy: 0.5 }, version: 4 }])
  expect(await near()).toEqual([track('b'), track('a')])

  await small.know([
    { name: 'a', features: { energy: 0.5 }, version: 7 },
    { name: 'a', features: { energy: 0.9 }, version: 6 },
  ])
  expect(await near()).toEqual([track('a'), track('b')])

  await small.know([{ name: 'a', isRemoved: true, version: 8 }])
  expect(await near()).toEqual([track('b')])
})

test('with nothing to go by every list is empty, and nothing fails', async () => {
  await using empty = await createTestRoom()
  const operations = readOperations()

  for (const identity of [NOBODY, listener('ann')]) {
    const answer = await recommend({ seeds: [track('calm 1')] }, identity, empty)
    expect(answer).toEqual({
      source: 'TRENDING',
      modelVersion: null,
      experiment: null,
      edges: [],
      nodes: [],
      pageInfo: { hasNextPage: false, endCursor: null },
    })
    await empty.answer(operations.get('Trending') ?? '', { country: 'SE' }, identity)
  }
})

test('the contract’s operations run, as far as they are this room’s', async () => {
  const operations = readOperations()
  const { recommendations } = await room.answer<{ recommendations: Answer }>(
    operations.get('Recommendations') ?? '',
    { seeds: [track('bold 3')], first: 10 },
  )
  const { trending } = await room.answer<{ trending: Pick<Answer, 'nodes'> }>(
    operations.get('Trending') ?? '',
    {
      country: 'SE',
    },
  )

  expect(recommendations.source).toBe('PERSONAL')
  expect(recommendations.edges).toHaveLength(10)
  expect(trending.nodes).toHaveLength(20)
})

test('it is ready while its database answers', async () => {
  expect(await room.room.isReady()).toBe(true)
})

async function recommend(
  variables: Record<string, unknown>,
  identity: Identity = NOBODY,
  from = room,
): Promise<Answer> {
  const answer = await from.answer<{ recommendations: Answer }>(RECOMMENDATIONS, variables, identity)
  return answer.recommendations
}

/** Every id there is, page by page. */
async function everything(
  variables: Record<string, unknown>,
  identity: Identity = NOBODY,
): Promise<string[]> {
  const seen: string[] = []
  for (let after: string | null = null; ; ) {
    const { nodes, pageInfo } = await recommend({ first: 50, ...variables, after }, identity)
    seen.push(...nodes.map(({ id }) => id))
    if (!pageInfo.hasNextPage) return seen
    after = pageInfo.endCursor
  }
}

/** The contract's operations, with `__typename` where they ask for what other rooms know. */
function readOperations(): Map<string, string> {
  const types = new TypeInfo(buildSubgraphSchema([{ typeDefs: readSchema('recommendations') }]))
  const file = new URL('../../schema/operations/recommendations.graphql', import.meta.url)
  const own = visit(
    parse(readFileSync(file, 'utf8')),
    visitWithTypeInfo(types, {
      enter: (node) =>
        node.kind === Kind.FIELD && !types.getFieldDef() ? { kind: node.kind, name: TYPENAME } : undefined,
    }),
  )
  return new Map(
    own.definitions.flatMap((node) =>
      node.kind === Kind.OPERATION_DEFINITION ? [[node.name?.value ?? '', print(node)]] : [],
    ),
  )
}

function track(name: string): string {
  return idOf('track', name)
}

function artist(name: string): string {
  return idOf('artist', name)
}

function nameOf(node: { id: string } | undefined): string {
  return tracks.find(({ name }) => track(name) === node?.id)?.name ?? ''
}

function soundOf(node: { id: string }): keyof typeof SOUNDS {
  return nameOf(node).split(' ')[0] as keyof typeof SOUNDS
}

function cursor(...position: string[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}
