import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { newId } from '#shared/id.ts'
import { createTestRoom, type Json, type Person, type TestRoom } from '../testing/users-room.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const PATIENCE = { timeout: 10_000 }
const FEED = `query ($first: Int, $after: String) {
  viewer { activityFeed(first: $first, after: $after) {
    nodes { at verb actor { id } subject { __typename ... on Track { id } ... on User { id } ... on Artist { id } } }
    pageInfo { hasNextPage endCursor }
  } }
}`

let users: TestRoom
let ann: Person
let ben: Person
let now: number

beforeAll(async () => {
  users = await createTestRoom()
})
afterAll(() => users[Symbol.asyncDispose]())
beforeEach(async () => {
  now = Date.now()
  ann = await users.signUp(`${newId('ann')}@example.com`)
  ben = await users.signUp(`${newId('ben')}@example.com`)
  await follow(ben, ann.userId)
})

async function follow(who: Person, id: string, isFollowed = true): Promise<void> {
  await users.answer(
    'mutation ($input: FollowInput!) { follow(input: $input) { userErrors { code } } }',
    { input: { id, follow: isFollowed } },
    who.identity,
  )
}

/** As if it had always been so: the plays of these tests are hours old. */
async function share(who: Person, sharesPlays: boolean): Promise<void> {
  await users.answer('UserSettingsUpdate', { input: { sharesPlays } }, who.identity)
  if (sharesPlays)
    await users.db.account.update({ where: { id: who.userId }, data: { sharesPlaysSince: new Date(0) } })
}

/** What is in ben's feed, as verb and how many milliseconds ago. */
async function feed(variables: object = {}): Promise<Json> {
  return (await users.answer(FEED, { ...variables }, ben.identity))['viewer']?.['activityFeed'] as Json
}
const deeds = async (variables?: object): Promise<readonly Json[]> =>
  (await feed(variables))['nodes'] as unknown as readonly Json[]
const told = async (): Promise<string[]> => (await deeds()).map((deed) => String(deed['verb']))
const times = async (): Promise<number[]> =>
  (await deeds()).map((deed) => now - Date.parse(String(deed['at'])))

interface Play {
  playbackId?: string
  playableId?: string
  ago?: number
  isCounted?: boolean
}

async function play(who: Person, { playbackId, playableId, ago = 0, isCounted = true }: Play): Promise<void> {
  const startedAt = new Date(now - ago).toISOString()
  const id = playableId ?? newId('track')
  const topic = isCounted ? 'playback.play-counted.v1' : 'playback.play-uncounted.v1'
  const payload = {
    playbackId: playbackId ?? newId('playback'),
    ...{ playableId: id, userId: who.userId, at: startedAt, startedAt },
  }
  await users.hear('playback', topic, id, payload)
}

async function sayList(
  playlistId: string,
  revision: number,
  visibility: string,
  isDeleted = false,
): Promise<void> {
  const list = { playlistId, ownerId: ann.userId, name: 'Mine', visibility, revision, isDeleted }
  await users.hear('playlists', 'playlists.playlist-changed.v1', playlistId, list)
}

/** A play that is told after others has come when they have. */
async function caughtUp(): Promise<void> {
  const probe = newId('playback')
  await share(ben, true)
  await play(ben, { playbackId: probe })
  await expect.poll(() => users.db.activity.count({ where: { origin: probe } }), PATIENCE).toBe(1)
}

test('what was heard before plays were shared is not told, however late it is reported', async () => {
  await users.answer('UserSettingsUpdate', { input: { sharesPlays: true } }, ann.identity)
  await play(ann, { ago: HOUR })
  await caughtUp()
  const before = await told()
  await play(ann, { ago: -HOUR })

  expect(before).toEqual([])
  await expect.poll(told, PATIENCE).toEqual(['PLAYED'])
})

test('plays are told only of who shares them, from then on, and not any more once they do not', async () => {
  await play(ann, { ago: 5 * HOUR })
  await caughtUp()
  const before = await told()
  await share(ann, true)
  await play(ann, { ago: 4 * HOUR })
  await expect.poll(told, PATIENCE).toEqual(['PLAYED'])
  await share(ann, false)
  const off = await told()
  await play(ann, { ago: 3 * HOUR })
  await caughtUp()
  await share(ann, true)

  expect([before, off, await told()]).toEqual([[], [], []])
  expect(await users.db.activity.count({ where: { actorId: ann.userId } })).toBe(0)
})

test('a track again within the hour is there once, the last time; a millisecond later it is there twice', async () => {
  await share(ann, true)
  const [within, beyond] = [newId('track'), newId('track')]
  for (const ago of [3 * HOUR, 2 * HOUR]) await play(ann, { playableId: within, ago })
  await expect.poll(times, PATIENCE).toEqual([2 * HOUR])
  for (const ago of [8 * HOUR + 1, 7 * HOUR]) await play(ann, { playableId: beyond, ago })

  await expect.poll(times, PATIENCE).toEqual([2 * HOUR, 7 * HOUR, 8 * HOUR + 1])
})

test('a play that counts no longer is told no longer, and what it stood for is told again', async () => {
  await share(ann, true)
  const [playableId, playbackId] = [newId('track'), newId('playback')]
  await play(ann, { playableId, ago: 40 * 60_000 })
  await play(ann, { playableId, playbackId, ago: 0 })
  await expect.poll(times, PATIENCE).toEqual([0])
  await play(ann, { playableId, playbackId, ago: 0, isCounted: false })

  await expect.poll(times, PATIENCE).toEqual([40 * 60_000])
})

test('episodes are nothing to tell', async () => {
  await share(ann, true)
  await play(ann, { playableId: newId('episode') })
  await caughtUp()

  expect(await told()).toEqual([])
})

test('a list is told of while everybody may see it, and who saved it as well', async () => {
  const [playlistId, playlist] = [newId('playlist'), { verb: 'PUBLISHED' }]
  await sayList(playlistId, 1, 'PRIVATE')
  await users.hear('playlists', 'playlists.playlist-followed.v1', playlistId, {
    playlistId,
    userId: ann.userId,
    isFollowed: true,
  })
  await sayList(playlistId, 2, 'PUBLIC')
  await expect.poll(async () => (await told()).sort(), PATIENCE).toEqual([playlist.verb, 'SAVED'])
  await sayList(playlistId, 3, 'PRIVATE')
  await expect.poll(told, PATIENCE).toEqual([])
  await sayList(playlistId, 4, 'PUBLIC')
  await expect.poll(told, PATIENCE).toHaveLength(2)
  await users.hear('playlists', 'playlists.playlist-followed.v1', playlistId, {
    playlistId,
    userId: ann.userId,
    isFollowed: false,
  })
  await expect.poll(told, PATIENCE).toEqual(['PUBLISHED'])
  await sayList(playlistId, 5, 'PUBLIC', true)

  await expect.poll(told, PATIENCE).toEqual([])
})

test('whom they follow is told until they do not, and nobody sees the feed of another', async () => {
  const cat = await users.signUp(`${newId('cat')}@example.com`)
  await follow(ann, cat.userId)
  const following = await feed()
  await follow(ann, cat.userId, false)
  const stopped = await feed()
  const { user } = await users.answer(
    'query ($id: ID!) { user(id: $id) { settings { sharesPlays } activityFeed { nodes { at } } } }',
    { id: ann.userId },
    ben.identity,
  )

  expect(following['nodes']).toMatchObject([
    { verb: 'FOLLOWED', actor: { id: ann.userId }, subject: { __typename: 'User', id: cat.userId } },
  ])
  expect(stopped['nodes']).toEqual([])
  expect(user).toEqual({ settings: null, activityFeed: null })
})

test('ninety days are told of, and pages join without a gap or a double', async () => {
  await Promise.all([share(ann, true), share(ben, true)])
  const cat = await users.signUp(`${newId('cat')}@example.com`)
  await share(cat, true)
  await follow(ben, cat.userId)
  await play(ann, { ago: 90 * DAY + HOUR })
  await play(ann, { ago: 90 * DAY - HOUR })
  // Several at one instant, of two people.
  for (let index = 0; index < 12; index++)
    await play(index % 2 === 0 ? ann : cat, { ago: Math.floor(index / 4) * HOUR })
  await expect.poll(told, PATIENCE).toHaveLength(13)
  const all = await deeds()
  const pages: Json[] = []
  let after: string | null = null
  do {
    const page: Json = await feed({ first: 5, after })
    pages.push(...(page['nodes'] as unknown as readonly Json[]))
    after = page['pageInfo']?.['hasNextPage'] === true ? String(page['pageInfo']['endCursor']) : null
  } while (after !== null)
  const wrong = await users.ask(FEED, { after: 'nonsense' }, ben.identity)

  expect(pages).toEqual(all)
  expect(wrong.errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT')
})
