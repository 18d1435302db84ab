import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { derivedId } from '#shared/id.ts'
import type { Identity } from '#shared/identity.ts'
import { codeOf } from '../testing/edits.ts'
import {
  createTestRoom,
  type Json,
  NOBODY,
  person,
  range,
  type TestRoom,
  trackId,
} from '../testing/playlists-room.ts'
import { readsOf } from '../testing/reads.ts'

const SAVE = `mutation ($input: LibrarySaveInput!) {
  librarySave(input: $input) {
    saved { __typename ... on Track { id viewerHasSaved } ... on Album { id viewerHasSaved } }
    userErrors { code field }
  }
}`
const PAGE = `query ($id: ID!, $first: Int, $after: String) { _entities(representations: [{ __typename: "User", id: $id }]) {
  ... on User {
    savedTracks(first: $first, after: $after) {
      totalCount nodes { id } edges { cursor savedAt node { id } } pageInfo { hasNextPage hasPreviousPage endCursor }
    }
    savedAlbums(first: 1) { totalCount nodes { id } edges { savedAt } }
  }
} }`
const HAS_SAVED = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
  ... on Track { viewerHasSaved } ... on Album { viewerHasSaved }
} }`

const albumId = (number: number): string => derivedId('album', String(number))

let playlists: TestRoom
let fan: Identity & { userId: string }
let fans = 0

beforeAll(async () => {
  playlists = await createTestRoom()
  // Track n is on album n % 10; the last of them has been removed, and album 10 with it.
  await playlists.db.track.createMany({
    data: [{ id: trackId(1_000), albumId: albumId(10), durationMs: 1, isRemoved: true, version: 1 }],
  })
  for (const n of range(0, 10))
    await playlists.db.track.updateMany({
      where: { id: { in: range(0, 20).map((times) => trackId(times * 10 + n)) } },
      data: { albumId: albumId(n) },
    })
})
afterAll(() => playlists[Symbol.asyncDispose]())
beforeEach(() => {
  fan = person(`fan ${fans++}`)
})

const save = (ids: readonly string[], wanted?: boolean) =>
  playlists.answer(SAVE, { input: { ids, ...(wanted !== undefined && { save: wanted }) } }, fan)
const library = async (args: object = {}, who: Identity = fan) =>
  ((await playlists.answer(PAGE, { id: fan.userId, ...args }, who)) as readonly Json[])[0] as Json
const nodesOf = (page: Json | undefined) => (page?.['nodes'] ?? []) as readonly Json[]
const tracksOf = (found: Json) => nodesOf(found['savedTracks']).map((node) => node['id'])

test('tracks and albums are saved, once each, and taken out again', async () => {
  const wanted = [trackId(1), albumId(2), trackId(1), trackId(3)]
  const saved = await save(wanted)
  await save([trackId(3), trackId(4)])
  const found = await library()

  expect(saved).toEqual({
    saved: [
      { __typename: 'Track', id: trackId(1), viewerHasSaved: true },
      { __typename: 'Album', id: albumId(2), viewerHasSaved: true },
      { __typename: 'Track', id: trackId(3), viewerHasSaved: true },
    ],
    userErrors: [],
  })
  expect(tracksOf(found)).toEqual([trackId(4), trackId(1), trackId(3)])
  expect(found['savedTracks']).toMatchObject({ totalCount: 3 })
  expect(found['savedAlbums']).toMatchObject({ totalCount: 1, nodes: [{ id: albumId(2) }] })
  expect(Date.parse(String(found['savedAlbums']?.['edges']?.[0]?.['savedAt']))).toBeGreaterThan(
    Date.now() - 60_000,
  )

  const gone = await save([trackId(1), albumId(2), trackId(9)], false)
  expect((gone['saved'] as readonly Json[]).map((it) => it['viewerHasSaved'])).toEqual([false, false, false])
  expect(tracksOf(await library())).toEqual([trackId(4), trackId(3)])
  expect((await library())['savedAlbums']).toMatchObject({ totalCount: 0, nodes: [] })
})

test('pages cover the library once, the newest first, also of what was saved at once', async () => {
  for (const start of [0, 40, 80]) await save(range(start, start + 40).map(trackId))
  const seen: unknown[] = []
  for (let after: unknown = null, isLast = false; !isLast; ) {
    const page = (await library({ first: 50, after }))['savedTracks'] as Json
    seen.push(...nodesOf(page).map((node) => node['id']))
    after = page['pageInfo']?.['endCursor']
    isLast = page['pageInfo']?.['hasNextPage'] !== true
  }

  expect(seen).toEqual([...range(80, 120), ...range(40, 80), ...range(0, 40)].map(trackId))
})

test('nobody sees what somebody else has saved, nor whether', async () => {
  await save([trackId(1)])
  const closed = { savedTracks: null, savedAlbums: null }

  expect(await library({}, person('eve'))).toEqual(closed)
  expect(await library({}, NOBODY)).toEqual(closed)
  const representations = [
    { __typename: 'Track', id: trackId(1) },
    { __typename: 'Album', id: albumId(1) },
    { __typename: 'Track', id: albumId(1) },
  ]
  const hasSaved = (who: Identity) => playlists.answer(HAS_SAVED, { representations }, who)
  expect(await hasSaved(fan)).toEqual([{ viewerHasSaved: true }, { viewerHasSaved: false }, null])
  expect(await hasSaved(person('eve'))).toEqual([{ viewerHasSaved: false }, { viewerHasSaved: false }, null])
  expect(await hasSaved(NOBODY)).toEqual([{ viewerHasSaved: null }, { viewerHasSaved: null }, null])
  expect(
    (await playlists.ask(SAVE, { input: { ids: [trackId(1)] } })).errors?.[0]?.extensions?.['code'],
  ).toBe('UNAUTHENTICATED')
})

test('what does not exist is not saved, and nothing beside it; taking it out is no fault', async () => {
  for (const missing of [trackId(999), trackId(1_000), albumId(10), albumId(99)]) {
    const refused = await save([trackId(1), missing])
    expect(refused).toEqual({ saved: [], userErrors: [{ code: 'NOT_FOUND', field: ['ids', '1'] }] })
    expect(await save([missing], false)).toEqual({ saved: [], userErrors: [] })
  }
  for (const strange of [derivedId('artist', 'x'), 'track', '', '\u0000'])
    expect(codeOf(await save([strange]))).toBe('BAD_USER_INPUT')
  expect(tracksOf(await library())).toEqual([])
})

test('1 to 100 ids are taken at once', async () => {
  expect(codeOf(await save([]))).toBe('BAD_USER_INPUT')
  expect(codeOf(await save(range(0, 101).map(trackId)))).toBe('BAD_USER_INPUT')
  expect(codeOf(await save(range(0, 100).map(trackId)))).toBeNull()
})

test('a library holds 10,000 tracks and 10,000 albums, however many ask at once', async () => {
  await save([trackId(0), albumId(0)])
  await playlists.db.library.update({
    where: { userId: fan.userId },
    data: { savedTracks: 9_998, savedAlbums: 9_999 },
  })

  const answers = await Promise.all(range(1, 6).map((n) => save([trackId(n)])))

  expect(answers.filter((it) => codeOf(it) === null)).toHaveLength(2)
  expect(answers.filter((it) => codeOf(it) === 'LIMIT_REACHED')).toHaveLength(3)
  expect(codeOf(await save([albumId(1), albumId(2)]))).toBe('LIMIT_REACHED')
  expect(codeOf(await save([albumId(1)]))).toBeNull()
  expect(await library()).toMatchObject({
    savedTracks: { totalCount: 10_000 },
    savedAlbums: { totalCount: 10_000 },
  })
})

test('the same things saved and taken out by many at once are counted as they are', async () => {
  const seed = Date.now() % 1_000_000_007
  const chance = (n: number): number => Math.abs(Math.sin(seed + n))
  await Promise.all(
    range(0, 40).map((n) => {
      const ids = range(0, 5).map((k) => (k % 2 ? albumId : trackId)(Math.floor(chance(n * 7 + k) * 10)))
      return save(ids, chance(n) > 0.4)
    }),
  )

  const rows = await playlists.db.saved.groupBy({ by: ['kind'], where: { userId: fan.userId }, _count: true })
  const counts = new Map(rows.map((row) => [row.kind, row._count]))
  expect([seed, await library()]).toMatchObject([
    seed,
    {
      savedTracks: { totalCount: counts.get('TRACK') ?? 0 },
      savedAlbums: { totalCount: counts.get('ALBUM') ?? 0 },
    },
  ])
})

test.each(['x', 'WyJhIl0', Buffer.from(`["1","${albumId(1)}"]`).toString('base64url')])(
  'a cursor that we did not make (%s) is BAD_USER_INPUT',
  async (after) => {
    const { errors } = await playlists.ask(PAGE, { id: fan.userId, after }, fan)

    expect(errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT')
  },
)

test('whether a hundred things are saved costs one read', async () => {
  const representations = range(0, 100).map((n) => ({ __typename: 'Track', id: trackId(n) }))

  expect(await readsOf(() => playlists.answer(HAS_SAVED, { representations }, fan))).toBe(1)
})
