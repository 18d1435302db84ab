import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { derivedId } from '#shared/id.ts'
import { createLogger } from '#shared/telemetry.ts'
import { EVENTS_KEPT_MS } from './config.ts'
import { createEventClearing } from './jobs/clearing.ts'
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
const HOUR_MS = 3_600_000
const logger = createLogger('test', 'silent')
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
const eventsOf = async (...ids: string[]) =>
  (await playback.db.playbackReport.findMany({ where: { playbackId: { in: ids } } })).flatMap(
    ({ events }) => events as unknown as Json[],
  )
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
  const at = (ms: number) => new Date(playback.clock.now + ms).toISOString()
  expect(await said('playback.events-reported.v1', id)).toEqual([
    {
      playbackId: id,
      userId: petra.userId,
      deviceId: petra.deviceId,
      playableId: trackId,
      country: 'SE',
      receivedAt: at(0),
      events: [
        { eventId: 'a', kind: 'START', positionMs: 0, at: at(-10_000) },
        { eventId: 'b', kind: 'HEARTBEAT', positionMs: 9_500, at: at(0) },
      ],
    },
  ])
  const rows = await playback.db.$queryRaw<{ xid: string }[]>`
    SELECT xmin::text AS xid FROM playback_report WHERE playback_id = ${id}
    UNION SELECT xmin::text FROM playback_session WHERE id = ${id}
    UNION SELECT xmin::text FROM play WHERE playback_id = ${id}
    UNION SELECT xmin::text FROM outbox WHERE topic = 'playback.events-reported.v1' AND payload->>'playbackId' = ${id}`
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

test('a count is the sum of its stripes, one of which may be below zero', async () => {
  const before = await playCount()
  await playback.db.playCount.createMany({
    data: [
      { playableId: trackId, stripe: 101, plays: 7 },
      { playableId: trackId, stripe: 102, plays: -3 },
    ],
  })

  expect(await playCount()).toBe(before + 4)
  await playback.db.playCount.deleteMany({ where: { stripe: { gt: 100 } } })
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
  const told = (await playback.events('playback.events-reported.v1')).length

  expect(await report([...events, ...events])).toEqual({ accepted: 4, rejected: [] })
  expect(await report([event(id, 'b', 'HEARTBEAT', 60_000, begun + 60_000)])).toEqual({
    accepted: 1,
    rejected: [],
  })
  expect((await playback.events('playback.events-reported.v1')).length).toBe(told)
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
  expect(await eventsOf(id, ofFern)).toHaveLength(4)
})

test('500 events are a report, 501 are none, and none at all is an empty one', async () => {
  const id = await open()
  const events = Array.from({ length: 501 }, (_, index) => event(id, `e${index}`, 'HEARTBEAT', index))

  expect(await playback.fault(REPORT, { events }, petra.identity)).toBe('BAD_USER_INPUT')
  expect(await eventsOf(id)).toEqual([])
  expect(await report(events.slice(1))).toEqual({ accepted: 500, rejected: [] })
  expect(await report([])).toEqual({ accepted: 0, rejected: [] })
})

test('a playback takes 5,000 events, and repeats of them ever after', async () => {
  const id = await open()
  await playback.db.$executeRaw`
    INSERT INTO playback_report
    SELECT ${id}, 0, now(), json_agg(json_build_object('eventId', 'n' || n, 'kind', 'HEARTBEAT', 'positionMs', 0, 'at', 0))
      FROM generate_series(1, 4999) AS n`

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
  expect(await eventsOf(...ids)).toHaveLength(20)
  expect(await Promise.all(ids.map(countsOf))).toEqual([1, 1, 1, 1])
  expect(await playCount()).toBe(before + 4)
})

test('nothing is taken of a playback that was not heard of for three days, and all of one that was', async () => {
  const [quiet, paused] = [await open(), await open()]
  const begun = playback.clock.now
  const start = (id: string) => event(id, 'a', 'START', 0, begun)
  await report([start(quiet), start(paused)])
  playback.clock.now = begun + EVENTS_KEPT_MS
  expect(await report([event(paused, 'b', 'PAUSE', 0)])).toMatchObject({ accepted: 1 })
  await createEventClearing(playback.db, () => playback.clock.now + 2 * HOUR_MS, logger).run()
  playback.clock.now += 1

  const answer = await report([event(quiet, 'b', 'PAUSE', 0), event(paused, 'c', 'RESUME', 0)])
  expect(answer).toEqual({ accepted: 1, rejected: [{ eventId: 'b', code: 'BAD_USER_INPUT' }] })
  expect(await eventsOf(quiet)).toEqual([])
  expect(await eventsOf(paused)).toHaveLength(3)
})

test('what was heard follows from the set of events alone: shuffled, repeated, late, cut anywhere, by whatever clock', async () => {
  const happened = fc.uniqueArray(
    fc.record({
      eventId: fc.string({ minLength: 1, maxLength: 3 }),
      kind: fc.constantFrom('START', 'HEARTBEAT', 'PAUSE', 'RESUME', 'SEEK', 'STALL', 'SKIP', 'COMPLETE'),
      positionMs: fc.integer({ min: 0, max: 90_000 }),
      second: fc.integer({ min: 0, max: 90 }),
    }),
    { selector: ({ eventId }) => eventId, minLength: 2, maxLength: 12 },
  )
  const arrival = fc.record({
    order: fc.infiniteStream(fc.nat()),
    again: fc.infiniteStream(fc.boolean()),
    cut: fc.integer({ min: 1, max: 6 }),
    /** Of the player's clock: right or wrong, it is the same one throughout. */
    skewMs: fc.integer({ min: -300_000, max: 300_000 }),
  })
  const ids: [sorted: string, shuffled: string][] = []

  await fc.assert(
    fc.asyncProperty(happened, arrival, async (happened, { order, again, cut, skewMs }) => {
      const [sorted, shuffled] = [await open(), await open()]
      ids.push([sorted, shuffled])
      const begun = playback.clock.now
      const of = (id: string, skew: number) =>
        happened
          .toSorted((one, other) => one.second - other.second)
          .map(({ eventId, kind, positionMs, second }) =>
            event(id, eventId, kind, positionMs, begun + skew + second * 1_000),
          )
      const pile = of(shuffled, skewMs)
        .flatMap((one) => (again.next().value === true ? [one, one] : [one]))
        .map((one) => ({ one, place: order.next().value ?? 0 }))
        .sort((left, right) => left.place - right.place)
        .map(({ one }) => one)
      const last = pile.at(-1) as Event
      while (pile.length > 0) {
        playback.clock.now += 5_000
        await report(pile.splice(0, cut))
      }
      playback.clock.now += 1_000
      await report([last])
      await report(of(sorted, 0))

      const [one, other] = [await playOf(sorted), await playOf(shuffled)]
      expect(other).toEqual({ ...one, playbackId: shuffled })
      const passed = playback.clock.now - begun
      expect(one?.heardMs).toBeLessThanOrEqual(passed)
      expect(one?.isCounted).toBe((one?.heardMs ?? 0) >= 30_000)
    }),
    { numRuns: 30 },
  )

  const net = new Map<string, number>()
  for (const [topic, sign] of [
    ['playback.play-counted.v1', 1],
    ['playback.play-uncounted.v1', -1],
  ] as const)
    for (const { playbackId } of await playback.events(topic))
      net.set(String(playbackId), (net.get(String(playbackId)) ?? 0) + sign)
  for (const [sorted, shuffled] of ids) {
    expect(net.get(sorted) ?? 0).toBe((await playOf(sorted))?.isCounted ? 1 : 0)
    expect(net.get(shuffled) ?? 0).toBe(net.get(sorted) ?? 0)
  }
  expect(await playCount()).toBe(
    await playback.db.play.count({ where: { isCounted: true, playableId: trackId } }),
  )
}, 120_000)
