import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { AppError } from '#shared/errors.ts'
import { anonymous } from '#shared/identity.ts'
import type { Room, RoomRequest, RoomResponse, StopSignal } from '#shared/room.ts'
import { type Channel, createChannel } from '#shared/streams.ts'
import { createLogger } from '#shared/telemetry.ts'
import { BREAKER } from './breaker.ts'
import { guardRoom, type RoomLimits } from './guard.ts'
import { tallyOf } from './tally.ts'

const LIMITS: RoomLimits = {
  roomTimeoutMs: 100,
  requestTimeoutMs: 300,
  bulkhead: { places: 2, seats: 2 },
  breaker: { ...BREAKER, minimumCalls: 4, sleepMs: 100 },
}

let names = 0

/** A guarded room that does as it is told, with a name of its own so that nobody else counts in its tally. */
function create(answer: () => Promise<RoomResponse>, limits: Partial<RoomLimits> = {}) {
  const name = `room-${names++}`
  const seen: RoomRequest[] = []
  const state = {
    answer,
    isReady: true,
    opening: Promise.resolve<Awaited<ReturnType<Room['subscribe']>>>({}),
  }
  const room: Room = {
    name,
    execute(request) {
      seen.push(request)
      return state.answer()
    },
    subscribe: () => state.opening,
    isReady: async () => state.isReady,
  }
  const guarded = guardRoom(room, { ...LIMITS, ...limits }, createLogger('test', 'silent'))
  const ask = (query = '{ a }', signal?: StopSignal): Promise<RoomResponse> =>
    guarded.execute({ query, identity: anonymous(null), signal })
  return { guarded, ask, seen, state, tally: tallyOf(name) }
}

const never = (): Promise<never> => new Promise(() => undefined)
const well = async (): Promise<RoomResponse> => ({ data: {} })
const away = async (): Promise<never> => {
  throw new AppError('UNAVAILABLE', 'away')
}
const codes = async (calls: readonly Promise<unknown>[]): Promise<unknown[]> =>
  (await Promise.allSettled(calls)).map((one) =>
    one.status === 'rejected' ? (one.reason as AppError).code : 'OK',
  )

test('a query that is not answered is late after the room’s time, a mutation after the request’s', async () => {
  const { ask } = create(never)
  const begun = performance.now()
  const after = async (call: Promise<unknown>): Promise<number> => {
    expect(await codes([call])).toEqual(['TIMEOUT'])
    return performance.now() - begun
  }

  const [query, mutation] = await Promise.all([after(ask()), after(ask('mutation { a }'))])

  expect(query).toBeGreaterThanOrEqual(100)
  expect(query).toBeLessThan(300)
  expect(mutation).toBeGreaterThanOrEqual(300)
  expect(mutation).toBeLessThan(1_000)
})

test('a room has the time that is set for it by name', async () => {
  const name = `room-${names}`
  const { ask } = create(never, { roomTimeoutMs: 5_000, roomTimeoutsMs: { [name]: 20 } })
  const begun = performance.now()

  expect(await codes([ask()])).toEqual(['TIMEOUT'])
  expect(performance.now() - begun).toBeLessThan(1_000)
})

test('as many calls are made at once as there are places, as many wait as there are seats, the others are told', async () => {
  const { ask, seen, tally } = create(() => sleep(30, { data: {} }))

  const calls = Array.from({ length: 5 }, () => ask())

  expect(seen).toHaveLength(2)
  expect(tally.inFlight).toBe(2)
  expect(await codes(calls)).toEqual(['OK', 'OK', 'OK', 'OK', 'UNAVAILABLE'])
  expect(tally).toMatchObject({ ok: 4, busy: 1, inFlight: 0 })
})

test('who waits for a place waits no longer than for an answer, and gives the seat back', async () => {
  const { ask, seen, state, tally } = create(never, { roomTimeoutMs: 60 })
  const first = [ask('mutation { a }'), ask('mutation { a }')]
  const waiting = [ask(), ask()]

  expect(await codes(waiting)).toEqual(['TIMEOUT', 'TIMEOUT'])
  expect(seen).toHaveLength(2)
  await codes(first)
  state.answer = well
  expect(await codes([ask(), ask()])).toEqual(['OK', 'OK'])
  expect(tally).toMatchObject({ late: 4, inFlight: 0 })
})

test('the breaker opens when half of the calls fail, makes none while it is open, and closes when one succeeds', async () => {
  const { ask, seen, state, tally } = create(away)

  for (let call = 0; call < 4; call++) expect(await codes([ask()])).toEqual(['UNAVAILABLE'])
  expect(tally.breaker).toBe('open')
  expect(await codes(Array.from({ length: 10 }, () => ask()))).toEqual(Array(10).fill('UNAVAILABLE'))
  expect(seen).toHaveLength(4)

  await sleep(110)
  expect(await codes([ask(), ask()])).toEqual(['UNAVAILABLE', 'UNAVAILABLE'])
  expect(seen).toHaveLength(5)
  expect(tally.breaker).toBe('open')

  await sleep(110)
  state.answer = well
  expect(await codes([ask()])).toEqual(['OK'])
  expect(tally.breaker).toBe('closed')
  expect(tally).toMatchObject({ away: 5, refused: 11, ok: 1, inFlight: 0 })
})

test('a room that was gone and is back is tried at once, one that only says it is ready is not', async () => {
  const rested = { breaker: { ...BREAKER, minimumCalls: 4, sleepMs: 60_000 } }
  const [gone, sick] = [create(away, rested), create(away, rested)]
  gone.state.isReady = false
  for (const { ask } of [gone, sick]) for (let call = 0; call < 4; call++) await codes([ask()])
  await sleep(600)
  for (const { state } of [gone, sick]) Object.assign(state, { isReady: true, answer: well })

  await expect.poll(async () => codes([gone.ask()])).toEqual(['OK'])

  expect(gone.tally.breaker).toBe('closed')
  expect(await codes([sick.ask()])).toEqual(['UNAVAILABLE'])
  await Promise.all([gone.guarded.close?.(), sick.guarded.close?.()])
})

test('who waits for a place while the breaker opens is not kept waiting', async () => {
  const { ask, seen } = create(() => sleep(20).then(away), { bulkhead: { places: 4, seats: 100 } })

  const calls = Array.from({ length: 50 }, () => ask())

  expect(await codes(calls)).toEqual(Array(50).fill('UNAVAILABLE'))
  expect(seen).toHaveLength(4 + 3) // the first three that failed gave their places away
})

test.each<[string, () => Promise<RoomResponse>]>([
  ['errors of its own', async () => ({ errors: [{ message: 'no' } as never] })],
  [
    'a caller it does not know',
    async () => {
      throw new AppError('UNAUTHENTICATED', 'who?')
    },
  ],
  [
    'a question that is too large',
    async () => {
      throw new AppError('QUERY_TOO_COMPLEX', 'large')
    },
  ],
])('%s do not speak against a room', async (_, answer) => {
  const { ask, seen, tally } = create(answer)

  for (let call = 0; call < 20; call++) await codes([ask()])

  expect(seen).toHaveLength(20)
  expect(tally.breaker).toBe('closed')
})

test('callers who leave free their places and do not speak against the room', async () => {
  const { ask, seen, state, tally } = create(never, { roomTimeoutMs: 5_000, requestTimeoutMs: 5_000 })
  for (let round = 0; round < 5; round++) {
    const leaving = new AbortController()
    const calls = Array.from({ length: 4 }, () => ask('{ a }', leaving.signal))
    leaving.abort(new AppError('UNAVAILABLE', 'gone'))
    expect(await codes(calls)).toEqual(Array(4).fill('UNAVAILABLE'))
  }

  expect(seen).toHaveLength(10)
  expect(tally).toMatchObject({ left: 20, inFlight: 0, breaker: 'closed' })
  state.answer = well
  expect(await codes([ask()])).toEqual(['OK'])
})

test('a probe whose caller leaves lets the next call try', async () => {
  const { ask, state, tally } = create(away)
  for (let call = 0; call < 4; call++) await codes([ask()])
  await sleep(110)
  state.answer = never
  const leaving = new AbortController()
  const probe = ask('{ a }', leaving.signal)
  leaving.abort(new AppError('UNAVAILABLE', 'gone'))
  await codes([probe])

  state.answer = well

  expect(await codes([ask()])).toEqual(['OK'])
  expect(tally.breaker).toBe('closed')
})

test('what a room throws unexpectedly reaches the caller as it is, and speaks against the room', async () => {
  const { ask, tally } = create(async () => {
    throw new TypeError('oops')
  })

  for (let call = 0; call < 4; call++) await expect(ask()).rejects.toThrow('oops')

  expect(tally.breaker).toBe('open')
})

test('a stream that opens too late is closed at once', async () => {
  const { guarded, state } = create(well)
  let isClosed = false
  const stream: Channel<RoomResponse> = createChannel<RoomResponse>({
    onClose: () => {
      isClosed = true
    },
  })
  state.opening = sleep(150).then(() => stream)

  expect(
    await codes([guarded.subscribe({ query: 'subscription { a }', identity: anonymous(null) })]),
  ).toEqual(['TIMEOUT'])

  expect(isClosed).toBe(false)
  await expect.poll(() => isClosed).toBe(true)
})

test('streams are not opened while the breaker is open, and open it when they cannot be', async () => {
  const { guarded, state, tally } = create(well)
  const open = (): Promise<unknown> =>
    guarded.subscribe({ query: 'subscription { a }', identity: anonymous(null) })
  state.opening = away()
  for (let call = 0; call < 4; call++) await codes([open()])
  expect(tally.breaker).toBe('open')

  state.opening = Promise.resolve(createChannel<RoomResponse>())
  expect(await codes([open()])).toEqual(['UNAVAILABLE'])
  await sleep(110)

  expect(await codes([open()])).toEqual(['OK'])
})
