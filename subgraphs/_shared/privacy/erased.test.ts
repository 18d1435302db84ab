import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PrismaClient } from '../../catalog/generated/prisma/client.ts'
import { roomAdapter } from '../database.ts'
import { LOG_START, type LogEvent } from '../event-log.ts'
import { newId } from '../id.ts'
import { publish } from '../outbox.ts'
import { createTestDatabase, type TestDatabase } from '../testing/database.ts'
import { ERASED_USER, findMentions, forgetPerson, hashOfPerson, withoutErased } from './erased.ts'
import { PRIVACY_REQUESTED } from './requests.ts'

const [erased, other] = [newId('user'), newId('user')]
const [device, session, track] = [newId('device'), newId('session'), newId('track')]

let database: TestDatabase
let db: PrismaClient

beforeAll(async () => {
  database = await createTestDatabase()
  db = new PrismaClient({ adapter: roomAdapter(database.url, 'catalog') })
  await db.erasedPerson.create({ data: { hash: hashOfPerson(erased) } })
})
afterAll(async () => {
  await db.$disconnect()
  await database[Symbol.asyncDispose]()
})

function event(key: string, payload: unknown, topic = 'playback.play-counted.v1'): LogEvent {
  return { id: newId('event'), topic, key, payload, at: new Date(), position: LOG_START }
}

test('news about who is erased is left out, news that mentions them goes on without them', async () => {
  const play = {
    userId: erased,
    deviceId: device,
    sessionId: session,
    playableId: track,
    more: [{ by: erased }],
  }
  const [plain, request] = [
    event(track, { userId: other, deviceId: device }),
    event('job', { userId: erased }, PRIVACY_REQUESTED),
  ]
  const known = await withoutErased(db, [
    event(erased, { displayName: 'Ann' }),
    event(`${erased}:${track}`, {}),
    event(track, play),
    plain,
    request,
  ])

  expect(known.map(({ payload }) => payload)).toEqual([
    {
      ...{ userId: ERASED_USER, deviceId: 'device_erased', sessionId: 'session_erased', playableId: track },
      more: [{ by: ERASED_USER }],
    },
    plain.payload,
    request.payload,
  ])
  expect(known[1]).toBe(plain)
})

test('whatever a payload is, nothing of it that is not theirs is changed, and nothing of theirs is left', async () => {
  const text = fc.oneof(fc.constantFrom(erased, other, device, track), fc.string())
  const payload = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      text,
      fc.integer(),
      fc.constant(null),
      tie('list'),
      tie('object'),
    ),
    list: fc.array(tie('value'), { maxLength: 4 }),
    object: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), tie('value'), { maxKeys: 4 }),
  })).object
  await fc.assert(
    fc.asyncProperty(payload, async (said) => {
      const [known] = await withoutErased(db, [event(track, said)])
      const before = JSON.stringify(said)
      const expected = before.includes(erased)
        ? before.replaceAll(`"${erased}"`, `"${ERASED_USER}"`).replaceAll(`"${device}"`, '"device_erased"')
        : before

      expect(JSON.stringify(known?.payload)).toBe(expected)
    }),
    { numRuns: 100 },
  )
})

test('the log of a room and its dead letters forget a person as its consumers do', async () => {
  const [person, list] = [newId('user'), newId('playlist')]
  await db.$transaction((tx) =>
    publish(tx, [
      { topic: 'catalog.a-changed.v1', key: person, payload: { name: 'Ann' } },
      { topic: 'catalog.a-changed.v1', key: list, payload: { name: 'List of Ann' } },
      { topic: 'catalog.a-changed.v1', key: track, payload: { by: person, on: device } },
      { topic: 'catalog.a-changed.v1', key: track, payload: { by: other, on: device } },
      { topic: PRIVACY_REQUESTED, key: 'job', payload: { userId: person } },
    ]),
  )
  const letter = { consumer: 'catalog.x', topic: 'x.a-changed.v1', reason: `${person} is unknown` }
  await db.deadLetter.createMany({
    data: [
      { ...letter, eventId: '1', key: person, payload: {} },
      { ...letter, eventId: '2', key: track, payload: { by: person } },
    ],
  })

  const mentions = await findMentions(db, [person, list])
  await db.$transaction((tx) => forgetPerson(tx, person, mentions))

  expect((await db.outbox.findMany({ orderBy: { seq: 'asc' } })).map(({ payload }) => payload)).toEqual([
    { by: ERASED_USER, on: 'device_erased' },
    { by: other, on: device },
    { userId: person },
  ])
  expect(await db.deadLetter.findMany()).toMatchObject([
    { eventId: '2', payload: { by: ERASED_USER }, reason: `${ERASED_USER} is unknown` },
  ])
  expect(await withoutErased(db, [event(person, {})])).toEqual([])
})
