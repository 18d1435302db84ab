import { type Dispatcher, Pool } from 'undici'
import type { Room, RoomRequest } from '#shared/room.ts'
import { createDeadlines } from '../deadlines.ts'
import { exchange, type Line } from './exchange.ts'
import { createRetryBudget, isRepeatable } from './retry-budget.ts'
import { openSseStream } from './sse-stream.ts'
import { openWebSocketStream } from './websocket-stream.ts'

type Headers = Readonly<Record<string, string>>

export interface RemoteRoomOptions {
  name: string
  url: string
  /** How long a call may take that does not say by when it is due, and a stream to open. */
  timeoutMs: number
  /** What a call carries to say on whose behalf it is made, by lower-case name. */
  headersOf(request: RoomRequest): Promise<Headers> | Headers
  /** Subscriptions come as server-sent events (graphql-sse), or over a WebSocket (graphql-transport-ws). */
  subscriptions: 'sse' | 'ws'
  /** After how long a silence an event stream is dead; without it, streams may be silent for ever. */
  heartbeatLimitMs?: number
  answerLimitBytes?: number
}

const CONNECTIONS = 64
const CONNECT_MS = 1_000
const ACKNOWLEDGE_MS = 3_000
const ANSWER_LIMIT_BYTES = 32 * 1024 * 1024
const ACCEPT = 'application/graphql-response+json, application/json;q=0.9'

/** A room behind HTTP. A call rejects with an AppError and never outlives its time; what is written in the answer is the room's. */
export function createRemoteRoom(options: RemoteRoomOptions): Room {
  const { name, url, timeoutMs, headersOf, answerLimitBytes = ANSWER_LIMIT_BYTES } = options
  const { origin, pathname, search } = new URL(url)
  const connect = { timeout: Math.min(CONNECT_MS, timeoutMs) }
  // Deadlines of ours stand in for undici's, which are a timer a socket, and say nothing about an answer that drips.
  const dial = (): Pool =>
    new Pool(origin, { connect, connections: CONNECTIONS, headersTimeout: 0, bodyTimeout: 0 })
  const line: Line = {
    room: name,
    dispatcher: dial(),
    deadlines: createDeadlines(),
    retries: createRetryBudget(),
    answerLimitBytes,
  }

  const post = (request: RoomRequest, headers: Headers, accept: string): Post => ({
    method: 'POST',
    path: pathname + search,
    headers: { ...headers, 'content-type': 'application/json', accept },
    body: request.body ?? bodyOf(request),
  })
  const call = (request: RoomRequest, headers: Headers): ReturnType<Room['execute']> =>
    exchange(line, post(request, headers, ACCEPT), {
      dueAt: request.dueAt ?? performance.now() + timeoutMs,
      signal: request.signal,
      isRepeatable: isRepeatable(request.query),
    })

  return {
    name,
    execute(request) {
      const headers = headersOf(request)
      return headers instanceof Promise
        ? headers.then((ready) => call(request, ready))
        : call(request, headers)
    },

    async subscribe(request) {
      const headers = await headersOf(request)
      if (options.subscriptions === 'ws') {
        const openTimeoutMs = Math.min(timeoutMs, ACKNOWLEDGE_MS)
        return openWebSocketStream({ room: name, url, headers, request, openTimeoutMs, answerLimitBytes })
      }
      const opening = post(request, headers, 'text/event-stream')
      const connection = { connect, headersTimeout: timeoutMs, bodyTimeout: options.heartbeatLimitMs ?? 0 }
      return openSseStream({ room: name, origin, connection, request: opening, answerLimitBytes })
    },

    async isReady() {
      const times = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs }
      try {
        const answer = await line.dispatcher.request({ method: 'GET', path: '/health/ready', ...times })
        await answer.body.dump()
        return answer.statusCode === 200
      } catch {
        return false
      }
    },

    async close() {
      const { dispatcher } = line
      // What began while the room was still part of the graph may call it yet.
      line.dispatcher = dial()
      await dispatcher.close()
    },
  }
}

type Post = Dispatcher.DispatchOptions & Dispatcher.RequestOptions

function bodyOf({ query, variables, operationName }: RoomRequest): string {
  return JSON.stringify({ query, variables, operationName })
}
