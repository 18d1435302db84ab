import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RoomResponse } from '#shared/room.ts'
import { MAX_LISTENERS } from './config.ts'
import { createTestRoom, type Json, list, type Person, type TestRoom } from './testing/playback-room.ts'
import { NOW } from './testing/signed.ts'

let playback: TestRoom
let songs: string[]

beforeAll(async () => {
  playback = await createTestRoom()
  songs = await Promise.all(
    ['one', 'two', 'three'].map((key) => playback.addPlayable(key, { durationMs: 60_000 })),
  )
})
afterAll(() => playback[Symbol.asyncDispose]())

const SESSION =
  'session { id host { id } members { id } player { playing positionMs at rate } } userErrors { code }'
const STATE =
  'revision playing positionMs at rate device { id } current { queueItemId } queue(first: 10) { totalCount }'

const payload = async (
  field: string,
  document: string,
  { identity }: Person,
  variables = {},
): Promise<Json> => (await playback.answer(document, variables, identity))[field] as Json
const create = (person: Person): Promise<Json> =>
  payload('listeningSessionCreate', `mutation { listeningSessionCreate { ${SESSION} } }`, person)
const join = (person: Person, sessionId: unknown): Promise<Json> =>
  payload(
    'listeningSessionJoin',
    `mutation ($sessionId: ID!) { listeningSessionJoin(sessionId: $sessionId) { ${SESSION} } }`,
    person,
    { sessionId },
  )
const leave = (person: Person): Promise<Json> =>
  payload('listeningSessionLeave', `mutation { listeningSessionLeave { ${SESSION} } }`, person)
const control = (person: Person, input: object): Promise<Json> =>
  payload(
    'playerControl',
    `mutation ($input: PlayerControlInput!) { playerControl(input: $input) { player { ${STATE} } userErrors { code } } }`,
    person,
    { input },
  )
const playerOf = async ({ identity }: Person): Promise<Json> =>
  (await playback.answer(`{ viewer { player { ${STATE} } } }`, {}, identity))['viewer']?.['player'] as Json
const members = (session: Json | undefined): unknown[] => list(session?.['members']).map(({ id }) => id)

async function follow({ identity }: Person): Promise<AsyncIterableIterator<RoomResponse>> {
  const query = `subscription { listeningSessionChanged { id members { id } player { ${STATE} } } }`
  const stream = await playback.room.subscribe({ query, identity })
  if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream))
  return stream
}
const heard = async (stream: AsyncIterableIterator<RoomResponse>): Promise<Json> => {
  const { value } = await stream.next()
  return value.data.listeningSessionChanged
}

test('a session goes on with what its host plays, and everybody in it has that player until they leave', async () => {
  const [ann, ben] = await Promise.all([playback.addPerson('ann'), playback.addPerson('ben')])
  await control(ann, { play: { ids: songs } })
  await control(ben, { play: { ids: [songs[2]] } })
  playback.clock.now = NOW + 5_000

  const { session } = await create(ann)
  const joined = await join(ben, session?.['id'])

  expect(joined['session']).toMatchObject({
    host: { id: ann.userId },
    player: { playing: true, positionMs: 5_000 },
  })
  expect(members(joined['session'])).toEqual([ann.userId, ben.userId])
  await control(ben, { seek: { positionMs: 30_000 } })
  playback.clock.now = NOW + 6_000
  const [hers, his] = await Promise.all([playerOf(ann), playerOf(ben)])
  expect(hers).toMatchObject({ positionMs: 31_000, queue: { totalCount: 2 }, device: { id: ann.deviceId } })
  expect({ ...his, device: hers['device'] }).toEqual(hers)
  expect(his['device']).toEqual({ id: ben.deviceId })

  expect(await leave(ben)).toEqual({ session: null, userErrors: [] })
  expect(await playerOf(ben)).toMatchObject({ positionMs: 6_000, queue: { totalCount: 0 } })
  expect(await playerOf(ann)).toMatchObject({ positionMs: 31_000 })
  playback.clock.now = NOW
})

test('everybody hears of who comes and goes and of what plays, and nothing after leaving', async () => {
  const [cat, dan] = await Promise.all([playback.addPerson('cat'), playback.addPerson('dan')])
  const { session } = await create(cat)
  const cats = await follow(cat)
  expect(members(await heard(cats))).toEqual([cat.userId])

  playback.clock.now = NOW + 1
  await join(dan, session?.['id'])
  expect(members(await heard(cats))).toEqual([cat.userId, dan.userId])
  const dans = await follow(dan)
  await heard(dans)
  await control(dan, { play: { ids: songs } })
  const [hers, his] = await Promise.all([heard(cats), heard(dans)])
  expect([hers['player']?.['playing'], his['player']?.['playing']]).toEqual([true, true])
  await leave(dan)
  expect(members(await heard(cats))).toEqual([cat.userId])
  expect((await dans.next()).done).toBe(true)
  await cats.return?.()
  const nobody = await playback.room.subscribe({
    query: 'subscription { listeningSessionChanged { id } }',
    identity: dan.identity,
  })
  expect(nobody).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] })
})

test('the next who came is host, and without anybody the session is over', async () => {
  const [eli, fia] = await Promise.all([playback.addPerson('eli'), playback.addPerson('fia')])
  const { session } = await create(eli)
  await join(fia, session?.['id'])

  await Promise.all([create(eli)])
  const row = await playback.db.listeningSession.findUniqueOrThrow({ where: { id: String(session?.['id']) } })
  expect(row.hostId).toBe(fia.userId)
  await leave(fia)
  expect(await playback.db.listeningSession.count({ where: { id: row.id } })).toBe(0)
  expect(await playback.db.player.count({ where: { id: row.id } })).toBe(0)
  expect(list((await join(fia, row.id))['userErrors'])[0]).toEqual({ code: 'NOT_FOUND' })
  expect(list((await join(fia, 'listening_\u0000'))['userErrors'])[0]).toEqual({ code: 'NOT_FOUND' })
})

test('of many who come at once as many come in as there is room for, and of many who say next one is heard', async () => {
  const people = await Promise.all(
    Array.from({ length: MAX_LISTENERS + 3 }, (_, n) => playback.addPerson(`guest ${n}`)),
  )
  const [host, ...guests] = people as [Person, ...Person[]]
  await control(host, { play: { ids: songs } })
  const { session } = await create(host)

  const answers = await Promise.all(guests.map((guest) => join(guest, session?.['id'])))

  const refused = answers.filter(({ userErrors }) => list(userErrors).length > 0)
  expect(refused.map(({ userErrors }) => list(userErrors)[0]?.['code'])).toEqual(
    Array(3).fill('LIMIT_REACHED'),
  )
  const inside = [host, ...guests.filter((_, index) => answers[index]?.['session'] !== null)]
  expect(inside).toHaveLength(MAX_LISTENERS)
  const said = await Promise.all(inside.map((person) => control(person, { next: true, expectedItemId: '1' })))
  expect(said.filter(({ userErrors }) => list(userErrors).length === 0)).toHaveLength(1)
  const states = await Promise.all(inside.map(playerOf))
  expect(new Set(states.map(({ current, revision }) => JSON.stringify([current, revision]))).size).toBe(1)
})

test('two who change places do not wait for each other', async () => {
  const [gil, hue] = await Promise.all([playback.addPerson('gil'), playback.addPerson('hue')])
  const keepers = await Promise.all([playback.addPerson('keeper 1'), playback.addPerson('keeper 2')])
  const ids = await Promise.all(keepers.map(async (keeper) => (await create(keeper))['session']?.['id']))
  await Promise.all([join(gil, ids[0]), join(hue, ids[1])])

  for (let turn = 1; turn <= 10; turn++) {
    const answers = await Promise.all([join(gil, ids[turn % 2]), join(hue, ids[(turn + 1) % 2])])
    expect(answers.map(({ userErrors }) => userErrors)).toEqual([[], []])
  }
})
