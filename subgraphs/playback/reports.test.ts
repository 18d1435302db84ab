import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { derivedId } from '#shared/id.ts'
import { createTestRoom, type Json, list, type Person, type TestRoom } from './testing/playback-room.ts'
import { assetOf } from './testing/signed.ts'

interface Event {
  eventId: string
  playbackId: string
  kind: string
  positionMs: number
  at: string
}

const REPORT = 'PlaybackReport'
const asset = { ...assetOf('song', 1_100), durationMs: 200_000 }

let playback: TestRoom
let petra: Person
let fern: Person
let trackId: string
const [artistId, albumId] = [derivedId('artist', 'Singer'), derivedId('album', 'Songs')]

beforeAll(async () => {
  playback = await createTestRoom()
  petra = await playback.addPerson('petra', { deviceKind: 'CAR' })
  fern = await playback.addPerson('fern', { tier: 'FREE', country: 'US' })
  trackId = await playback.addPlayable('Song', { asset, albumId, artists: [{ id: artistId }] })
})
afterAll(() => playback[Symbol.asyncDispose]())

const open = async ({ identity, deviceId } = petra, id = trackId): Promise<string> => {
  const input = { trackId: id, deviceId }
  return String(
    (await playback.answer('PlaybackStart', { input }, identity))['playbackStart']?.['playbackId'],
  )
}
const report = async (events: readonly object[], { identity } = petra): Promise<Json> =>
  (await playback.answer(REPORT, { events }, identity))['playbackReport'] as Json

/** An event of a player whose clock is right, `seconds` after now. */
const event = (
  playbackId: string,
  eventId: string,
  kind: string,
  positionMs: number,
  atMs = playback.clock.now,
): Event => ({
  eventId,
  playbackId,
  kind,
  positionMs,
  at: new Date(atMs).toISOString(),
})
const sessionOf = (id: string) => playback.db.playbackSession.findUniqueOrThrow({ where: { id } })
const said = async (topic: string, id: string) =>
  (await playback.events(topic)).filter(({ playbackId }) => String(playbackId) === id)
/** How often it was counted, less how often that was taken back. */
const countsOf = async (id: string) =>
  (await said('playback.play-counted.v1', id)).length - (await said('playback.play-uncounted.v1', id)).length
const playOf = (id: string) => playback.db.play.findFirst({ where: { playbackId: id } })
const playCount = async (id = trackId) => {
  const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Track { playCount } } }'
  const { _entities } = await playback.answer(query, { r: [{ __typename: 'Track', id }] })
  return Number(list(_entities)[0]?.['playCount'])
}

test('accepted is on disk: events, state and the news of both in one transaction', async () => {
  const id = await open()
  playback.clock.now += 10_000
  const answer = await report([
    event(id, 'a', 'START', 0, playback.clock.now - 10_000),
    event(id, 'b', 'HEARTBEAT', 9_500),
  ])

  expect(answer).toEqual({ accepted: 2, rejected: [] })
  expect(await sessionOf(id)).toMatchObject({
    lastKind: 'HEARTBEAT',
    positionMs: 9_500,
    heardMs: 9_500,
    countedAt: null,
    reportedAt: new Date(playback.clock.now),
  })
  const published = (await playback.events('playback.event-reported.v1')).filter(
    ({ playbackId }) => String(playbackId) === id,
  )
  expect(published).toHaveLength(2)
  expect(published[1]).toEqual({
    eventId: 'b',
    playbackId: id,
    userId: petra.userId,
    deviceId: petra.deviceId,
    playableId: trackId,
    kind: 'HEARTBEAT',
    positionMs: 9_500,
    at: new Date(playback.clock.now).toISOString(),
    receivedAt: new Date(playback.clock.now).toISOString(),
    country: 'SE',
  })
  const rows = await playback.db.$queryRaw<{ xid: string }[]>`
    SELECT xmin::text AS xid FROM playback_event WHERE playback_id = ${id}
    UNION SELECT xmin::text FROM playback_session WHERE id = ${id}
    UNION SELECT xmin::text FROM outbox WHERE topic = 'playback.event-reported.v1' AND payload->>'playbackId' = ${id}`
  expect(rows).toHaveLength(1)
})

test('29,999 ms are not a play, 30,000 are one, and a minute is no more', async () => {
  const before = await playCount()
  const [short, long] = [await open(), await open()]
  const begun = playback.clock.now
  playback.clock.now += 30_000
  const heard = (id: string, ms: number) =>
    report([event(id, 'a', 'START', 0, begun), event(id, `b${ms}`, 'HEARTBEAT', ms, begun + ms)])

  await heard(short, 29_999)
  await heard(long, 30_000)
  expect([await countsOf(short), await countsOf(long)]).toEqual([0, 1])
  expect(await playCount()).toBe(before + 1)

  playback.clock.now += 30_000
  await heard(long, 60_000)
  expect([await countsOf(long), await playCount()]).toEqual([1, before + 1])
  expect((await playback.events('playback.play-counted.v1')).at(-1)).toEqual({
    playbackId: long,
    playableId: trackId,
    userId: petra.userId,
    country: 'SE',
    at: new Date(begun + 30_000).toISOString(),
    startedAt: new Date(begun).toISOString(),
    artistIds: [artistId],
    albumId,
    deviceId: petra.deviceId,
    deviceKind: 'CAR',
    tier: 'PREMIUM',
  })
  expect(await playOf(long)).toEqual({
    playbackId: long,
    startedAt: new Date(begun),
    userId: petra.userId,
    playableId: trackId,
    albumId,
    artistIds: [artistId],
    deviceId: petra.deviceId,
    deviceKind: 'CAR',
    country: 'SE',
    tier: 'PREMIUM',
    contextId: null,
    durationMs: 200_000,
    heardMs: 60_000,
    presentation: 'FULL',
    isCounted: true,
  })
  expect(await playOf(short)).toMatchObject({ heardMs: 29_999, isCounted: false })
})

test('a late pause takes back what was counted, and a later beat counts it again', async () => {
  const id = await open()
  const begun = playback.clock.now
  const before = await playCount()
  playback.clock.now += 60_000
  await report([event(id, 'a', 'START', 0, begun), event(id, 'c', 'HEARTBEAT', 35_000, begun + 35_000)])
  expect([await countsOf(id), await playCount()]).toEqual([1, before + 1])

  await report([event(id, 'b', 'PAUSE', 10_000, begun + 10_000)])
  expect([await countsOf(id), await playCount()]).toEqual([0, before])
  expect(await playOf(id)).toMatchObject({ heardMs: 10_000, isCounted: false })
  const [counted] = await said('playback.play-counted.v1', id)
  expect(await said('playback.play-uncounted.v1', id)).toEqual([
    { ...counted, at: new Date(playback.clock.now).toISOString() },
  ])

  await report([
    event(id, 'd', 'RESUME', 35_000, begun + 35_000),
    event(id, 'e', 'HEARTBEAT', 60_000, begun + 60_000),
  ])
  expect([await countsOf(id), await playCount()]).toEqual([1, before + 1])
  expect(await playOf(id)).toMatchObject({ heardMs: 35_000, isCounted: true })
})

test('nobody hears more than the time that passed here, whatever their clock says', async () => {
  const id = await open()
  const begun = playback.clock.now
  const claims = [event(id, 'a', 'START', 0, begun - 3_600_000), event(id, 'b', 'HEARTBEAT', 150_000, begun)]

  playback.clock.now += 29_999
  await report(claims)
  expect([(await sessionOf(id)).heardMs, await countsOf(id)]).toEqual([29_999, 0])
  playback.clock.now += 1
  await report([...claims, event(id, 'c', 'HEARTBEAT', 150_000, begun)])
  expect([(await sessionOf(id)).heardMs, await countsOf(id)]).toEqual([30_000, 1])
})

test('a repeat is accepted and changes nothing, though it says something else', async () => {
  const id = await open()
  const begun = playback.clock.now
  playback.clock.now += 60_000
  const events = [event(id, 'a', 'START', 0, begun), event(id, 'b', 'HEARTBEAT', 20_000, begun + 20_000)]
  await report(events)
  const published = (await playback.events('playback.event-reported.v1')).length

  expect(await report([...events, ...events])).toEqual({ accepted: 4, rejected: [] })
  expect(await report([event(id, 'b', 'HEARTBEAT', 60_000, begun + 60_000)])).toEqual({
    accepted: 1,
    rejected: [],
  })
  expect((await playback.events('playback.event-reported.v1')).length).toBe(published)
  expect([(await sessionOf(id)).heardMs, await countsOf(id)]).toEqual([20_000, 0])
})

test('bad events are named one by one, the good ones still count', async () => {
  const [id, ofFern] = [await open(), await open(fern)]
  const { now } = playback.clock
  const day = 24 * 3_600_000
  const answer = await report([
    event(id, 'good', 'START', 0),
    event(derivedId('playback', 'none'), 'unknown', 'START', 0),
    event('x', 'no id', 'START', 0),
    event('playback_\u0000', 'zero', 'START', 0),
    event(ofFern, 'hers', 'START', 0),
    event(id, 'before', 'SEEK', -1),
    event(id, 'at the end', 'COMPLETE', 202_000),
    event(id, 'beyond', 'SEEK', 202_001),
    event(id, 'a day late', 'HEARTBEAT', 0, now - day),
    event(id, 'later', 'HEARTBEAT', 0, now - day - 1),
    event(id, 'a day early', 'HEARTBEAT', 0, now + day),
    event(id, 'earlier', 'HEARTBEAT', 0, now + day + 1),
    event(id, '', 'HEARTBEAT', 0),
    event(id, 'e'.repeat(129), 'HEARTBEAT', 0),
    event(id, 'zero \u0000', 'HEARTBEAT', 0),
    event(id, 'half \ud800', 'HEARTBEAT', 0),
  ])

  expect(answer).toEqual({
    accepted: 4,
    rejected: [
      ...['unknown', 'no id', 'zero', 'hers'].map((eventId) => ({ eventId, code: 'NOT_FOUND' })),
      ...['before', 'beyond', 'later', 'earlier', '', 'e'.repeat(129), 'zero \u0000', 'half \ud800'].map(
        (eventId) => ({
          eventId,
          code: 'BAD_USER_INPUT',
        }),
      ),
    ],
  })
  expect(await playback.db.playbackEvent.count({ where: { playbackId: { in: [id, ofFern] } } })).toBe(4)
})

test('500 events are a report, 501 are none, and none at all is an empty one', async () => {
  const id = await open()
  const events = Array.from({ length: 501 }, (_, index) => event(id, `e${index}`, 'HEARTBEAT', index))

  expect(await playback.fault(REPORT, { events }, petra.identity)).toBe('BAD_USER_INPUT')
  expect(await playback.db.playbackEvent.count({ where: { playbackId: id } })).toBe(0)
  expect(await report(events.slice(1))).toEqual({ accepted: 500, rejected: [] })
  expect(await report([])).toEqual({ accepted: 0, rejected: [] })
})

test('a playback takes 5,000 events, and repeats of them ever after', async () => {
  const id = await open()
  await playback.db.$executeRaw`
    INSERT INTO playback_event SELECT ${id}, 'n' || n, 'HEARTBEAT', 0, now(), now() FROM generate_series(1, 4999) AS n`

  expect(
    await report([
      event(id, 'last', 'HEARTBEAT', 0),
      event(id, 'more', 'HEARTBEAT', 0),
      event(id, 'n1', 'HEARTBEAT', 0),
    ]),
  ).toEqual({
    accepted: 2,
    rejected: [{ eventId: 'more', code: 'BAD_USER_INPUT' }],
  })
})

test.each([
  { kind: 'LISTEN' },
  { positionMs: 2 ** 31 },
  { at: 'yesterday' },
  { at: '2026-11-21' },
  { eventId: null },
])('a report that does not fit the schema is BAD_USER_INPUT: %j', async (part) => {
  const events = [{ ...event(await open(), 'a', 'START', 0), ...part }]

  expect(await playback.fault(REPORT, { events }, petra.identity)).toBe('BAD_USER_INPUT')
})

test('forty reports of the same events at once: one play, every event once', async () => {
  const ids = await Promise.all(Array.from({ length: 4 }, () => open()))
  const begun = playback.clock.now
  playback.clock.now += 40_000
  const before = await playCount()
  const events = ids.flatMap((id) =>
    [0, 10, 20, 30, 40].map((second) =>
      event(id, `s${second}`, second === 0 ? 'START' : 'HEARTBEAT', second * 1_000, begun + second * 1_000),
    ),
  )

  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) => report(index % 2 === 0 ? events : events.toReversed())),
  )

  expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(
    new Set([JSON.stringify({ accepted: 20, rejected: [] })]),
  )
  expect(await playback.db.playbackEvent.count({ where: { playbackId: { in: ids } } })).toBe(20)
  expect(await Promise.all(ids.map(countsOf))).toEqual([1, 1, 1, 1])
  expect(await playCount()).toBe(before + 4)
})

test('reports shuffled, repeated and cut anywhere come to the same count', async () => {
  const listening = fc.record({
    /** Seconds of music, then what interrupted it for how long: the life of a player, whose clock and positions agree. */
    steps: fc.array(
      fc.record({
        plays: fc.integer({ min: 1, max: 15 }),
        next: fc.constantFrom('HEARTBEAT', 'PAUSE', 'STALL'),
        silent: fc.integer({ min: 1, max: 60 }),
      }),
      { minLength: 1, maxLength: 5 },
    ),
    order: fc.infiniteStream(fc.nat()),
    cut: fc.integer({ min: 1, max: 4 }),
  })

  await fc.assert(
    fc.asyncProperty(listening, async ({ steps, order, cut }) => {
      const [sorted, shuffled] = [await open(), await open()]
      const begun = playback.clock.now
      const happened: [string, number, number][] = [['START', 0, 0]]
      let [position, at] = [0, 0]
      for (const { plays, next, silent } of steps) {
        position += plays
        at += plays
        happened.push([next, position, at])
        if (next === 'HEARTBEAT') continue
        at += silent
        happened.push(['RESUME', position, at])
      }
      playback.clock.now += at * 1_000
      const eventsOf = (id: string) =>
        happened.map(([kind, place, second], index) =>
          event(id, `e${index}`, kind, place * 1_000, begun + second * 1_000),
        )
      await report(eventsOf(sorted))

      const pile = [...eventsOf(shuffled), ...eventsOf(shuffled).filter((_, index) => index % 3 === 0)]
        .map((one) => ({ one, place: order.next().value ?? 0 }))
        .sort((left, right) => left.place - right.place)
        .map(({ one }) => one)
      while (pile.length > 0) await report(pile.splice(0, cut))

      const heard = steps.reduce((sum, { plays }) => sum + plays, 0) * 1_000
      expect((await sessionOf(sorted)).heardMs).toBe(heard)
      expect((await sessionOf(shuffled)).heardMs).toBe(heard)
      expect([await countsOf(sorted), await countsOf(shuffled)]).toEqual(heard >= 30_000 ? [1, 1] : [0, 0])
    }),
    { numRuns: 40 },
  )
})
