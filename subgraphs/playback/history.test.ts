import { afterAll, beforeAll, expect, test } from 'vitest'
import { derivedId } from '#shared/id.ts'
import { monthsOpened } from './testing/months-opened.ts'
import {
  createTestRoom,
  type Json,
  list,
  NOBODY,
  type Person,
  type TestRoom,
} from './testing/playback-room.ts'
import { type NewPlay, writePlays } from './testing/plays.ts'

const DAY_MS = 24 * 3_600_000
const HISTORY = `query ($first: Int, $after: String) { viewer { history(first: $first, after: $after) {
  edges { cursor playedAt msPlayed counted node { __typename } } nodes { __typename ... on Track { id } ... on Episode { id } }
  pageInfo { hasNextPage hasPreviousPage endCursor } } } }`
const STATS = `query ($days: Int!, $first: Int) { viewer { stats(days: $days) {
  minutes topArtists(first: $first) { plays artist { id } } topTracks(first: $first) { plays track { id } } } } }`

let playback: TestRoom
let petra: Person
let otto: Person

const track = (index: number) => derivedId('track', `history ${index}`)
const artist = (index: number) => derivedId('artist', `history ${index}`)
/** A play every seventh of a day for a year, two at each moment: of ten tracks by three artists, some too short to count. */
const plays: NewPlay[] = []

beforeAll(async () => {
  playback = await createTestRoom()
  petra = await playback.addPerson('petra')
  otto = await playback.addPerson('otto')
  for (let index = 0; index < 2 * 7 * 365; index++)
    plays.push({
      playbackId: derivedId('playback', `history ${index}`),
      startedAt: new Date(playback.clock.now - Math.floor(index / 2) * (DAY_MS / 7)),
      userId: petra.userId,
      trackId: index % 50 === 49 ? derivedId('episode', 'history') : track(index % 10),
      artistIds: index % 50 === 49 ? [] : [artist(index % 3), ...(index % 4 === 0 ? [artist(9)] : [])],
      heardMs: index % 7 === 0 ? 29_999 : 60_000,
    })
  await writePlays(playback.db, [
    ...plays,
    { ...(plays[0] as NewPlay), playbackId: derivedId('playback', 'of otto'), userId: otto.userId },
  ])
})
afterAll(() => playback[Symbol.asyncDispose]())

const pageOf = async (variables: object, { identity } = petra): Promise<Json> =>
  (await playback.answer(HISTORY, { ...variables }, identity))['viewer']?.['history'] as Json

test('page by page it is all of one’s plays, the last first, and nobody else’s', async () => {
  const seen: unknown[] = []
  let after: string | null = null
  do {
    const page: Json = await pageOf({ first: 100, after })
    list(page['edges']).forEach(({ playedAt, msPlayed, counted }, index) => {
      seen.push([playedAt, msPlayed, counted, page['nodes']?.[index]?.['id']])
    })
    expect(page['pageInfo']?.['hasPreviousPage']).toBe(after !== null)
    after = page['pageInfo']?.['hasNextPage'] ? String(page['pageInfo']?.['endCursor']) : null
  } while (after !== null)

  const inOrder = plays.toSorted(
    (one, other) =>
      other.startedAt.getTime() - one.startedAt.getTime() || (one.playbackId < other.playbackId ? 1 : -1),
  )
  expect(seen).toEqual(
    inOrder.map(({ startedAt, heardMs, trackId }) => [
      startedAt.toISOString(),
      heardMs,
      heardMs !== 29_999,
      trackId,
    ]),
  )
})

test('a page opens one or two of the months, however deep it lies', async () => {
  let page = await pageOf({ first: 20 })
  for (const depth of [0, 10]) {
    for (let pages = 0; pages < depth; pages++)
      page = await pageOf({ first: 100, after: page['pageInfo']?.['endCursor'] })
    const after = depth === 0 ? null : page['pageInfo']?.['endCursor']

    const { opened, months } = await monthsOpened(playback.databaseUrl, () => pageOf({ first: 20, after }))

    expect(months).toBeGreaterThanOrEqual(12)
    expect(opened).toBeGreaterThanOrEqual(1)
    expect(opened).toBeLessThanOrEqual(2)
  }
})

test('a page has 1 to 100, 20 if not said, and begins where a cursor of ours says', async () => {
  expect(list((await pageOf({}))['edges'])).toHaveLength(20)
  expect(list((await pageOf({ first: 1 }))['edges'])).toHaveLength(1)
  for (const variables of [{ first: 0 }, { first: 101 }, { after: 'x' }, { after: btoa('["1"]') }])
    expect(await codeOf(HISTORY, variables)).toBe('BAD_USER_INPUT')
  const far = btoa(JSON.stringify(['999999999999999', derivedId('playback', 'x')]))
  expect(list((await pageOf({ after: far }))['edges'])).toHaveLength(20)
})

test('what somebody has heard is their own to know', async () => {
  const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on User {
    history(first: 5) { nodes { __typename } } stats(days: 7) { minutes } } } }`
  const of = (identity: Person['identity']) =>
    playback.answer(query, { r: [{ __typename: 'User', id: petra.userId }] }, identity)

  expect(await of(otto.identity)).toEqual({ _entities: [{ history: null, stats: null }] })
  expect(await of(NOBODY)).toEqual({ _entities: [{ history: null, stats: null }] })
  expect(list((await pageOf({}, otto))['edges'])).toHaveLength(1)
})

test('statistics are those of the days asked for', async () => {
  const days = 30
  const ofThem = plays.filter(({ startedAt }) => startedAt.getTime() > playback.clock.now - days * DAY_MS)
  const counted = ofThem.filter(({ heardMs }) => heardMs !== 29_999)
  const top = (ids: readonly string[], name: string) => {
    const counts = new Map<string, number>()
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
    return [...counts]
      .sort(([one, plays], [other, others]) => others - plays || (one < other ? -1 : 1))
      .map(([id, plays]) => ({ plays, [name]: { id } }))
  }
  const { viewer } = await playback.answer(STATS, { days, first: 3 }, petra.identity)

  expect(viewer?.['stats']).toEqual({
    minutes: Math.floor(ofThem.reduce((sum, { heardMs = 0 }) => sum + heardMs, 0) / 60_000),
    topArtists: top(
      counted.flatMap(({ artistIds = [] }) => [...artistIds]),
      'artist',
    ).slice(0, 3),
    topTracks: top(
      counted.map(({ trackId }) => trackId).filter((id) => id.startsWith('track_')),
      'track',
    ).slice(0, 3),
  })
})

test('statistics are of 1 to 365 days', async () => {
  for (const days of [1, 365])
    expect(
      Number((await playback.answer(STATS, { days }, petra.identity))['viewer']?.['stats']?.['minutes']),
    ).toBeGreaterThan(0)
  for (const days of [0, 366]) expect(await codeOf(STATS, { days })).toBe('BAD_USER_INPUT')
  expect(await codeOf(STATS, { days: 30, first: 101 })).toBe('BAD_USER_INPUT')
})

/** The code of an answer's first error. */
async function codeOf(query: string, variables: Record<string, unknown>): Promise<unknown> {
  const { errors } = await playback.ask(query, variables, petra.identity)
  return errors?.[0]?.extensions?.['code']
}
