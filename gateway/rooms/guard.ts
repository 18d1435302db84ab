import type { Logger } from 'pino'
import type { Room, RoomRequest } from '#shared/room.ts'
import { createDeadlines, within } from '../deadlines.ts'
import { BREAKER, type BreakerOptions, createBreaker } from './breaker.ts'
import { BULKHEAD, type BulkheadOptions, createBulkhead } from './bulkhead.ts'
import { away, late, outcomeOf } from './faults.ts'
import { type Gate, Passage } from './passage.ts'
import { createReturnWatch } from './return-watch.ts'
import { tallyOf } from './tally.ts'

/** What the door gives rooms, and takes from them. */
export interface RoomLimits {
  /** How long a room may take for a query, and how long one may wait for its turn; less than the request may. */
  roomTimeoutMs: number
  /** The same for some of the rooms, by name. */
  roomTimeoutsMs?: Readonly<Record<string, number>> | undefined
  /** How long a request may take. A mutation may: it may happen although it was given up on. */
  requestTimeoutMs?: number | undefined
  bulkhead?: BulkheadOptions | undefined
  breaker?: BreakerOptions | undefined
}

export const REQUEST_TIMEOUT_MS = 5_000

type OpenRoom = (name: string, url: string) => Room | undefined

/** Opens rooms whose calls end in time, are not too many at once, and are not made at all while the room fails. */
export function guardRooms(openRoom: OpenRoom, limits: RoomLimits, logger: Logger): OpenRoom {
  return (name, url) => {
    const room = openRoom(name, url)
    return room && guardRoom(room, limits, logger)
  }
}

export function guardRoom(room: Room, limits: RoomLimits, logger: Logger): Room {
  const { roomTimeoutMs, roomTimeoutsMs = {}, requestTimeoutMs = REQUEST_TIMEOUT_MS } = limits
  const tally = tallyOf(room.name)
  tally.breaker = 'closed'
  let failure: unknown
  const watch = createReturnWatch(
    () => room.isReady(),
    () => gate.breaker.wake(),
  )
  const gate: Gate = {
    room,
    tally,
    timeoutMs: roomTimeoutsMs[room.name] ?? roomTimeoutMs,
    requestTimeoutMs,
    bulkhead: createBulkhead(limits.bulkhead ?? BULKHEAD),
    deadlines: createDeadlines(),
    breaker: createBreaker(limits.breaker ?? BREAKER, (state) => {
      tally.breaker = state
      if (state === 'open') watch.begin()
      else watch.end()
      logger.warn({ room: room.name, err: failure }, `the breaker is ${state}`)
    }),
    onFailure(error) {
      failure = error
    },
  }
  return {
    name: room.name,
    execute: (request) =>
      new Promise((resolve, reject) => new Passage(gate, request, resolve, reject).begin()),
    subscribe: (request) => open(gate, request),
    isReady: () => room.isReady(),
    async close() {
      watch.end()
      await room.close?.()
    },
  }
}

/** Opens a stream as a call is made; once open it is nobody's turn and has no deadline. */
async function open(
  { room, breaker, deadlines, timeoutMs, onFailure }: Gate,
  request: RoomRequest,
): ReturnType<Room['subscribe']> {
  const now = performance.now()
  const ticket = breaker.admit(now)
  if (ticket === 0) throw away(room.name)
  const { signal } = request
  const wait = { dueAt: now + timeoutMs, signal, toError: () => late(room.name) }
  const report = (isFailure: boolean | null): void => breaker.report(ticket, isFailure, performance.now())
  try {
    const stream = await within(deadlines, wait, room.subscribe(request), leave)
    report(false)
    return stream
  } catch (error) {
    const outcome = outcomeOf(error, signal)
    const isSick = outcome === 'late' || outcome === 'away'
    if (isSick) onFailure(error)
    report(isSick ? true : null)
    throw error
  }
}

/** A stream that opens when nobody waits for it any more is open for nobody. */
function leave(stream: Awaited<ReturnType<Room['subscribe']>>): void {
  if (Symbol.asyncIterator in stream) void stream.return?.()
}
