import { Pool } from 'undici'
import { AppError } from '#shared/errors.ts'
import type { Room, RoomRequest, RoomResponse } from '#shared/room.ts'
import { createChannel } from '#shared/streams.ts'

const CONNECTIONS = 64
const HEARTBEAT_LIMIT_MS = 30_000 // three of the room's heartbeats

export interface RemoteRoomOptions {
  name: string
  url: string
  timeoutMs: number
  /** What a call carries to say on whose behalf it is made, by lower-case name. */
  headersOf(
    request: RoomRequest,
  ): Promise<Readonly<Record<string, string>>> | Readonly<Record<string, string>>
}

/** A room behind HTTP: pooled sockets, event streams for subscriptions. */
export function createRemoteRoom({ name, url, timeoutMs, headersOf }: RemoteRoomOptions): Room {
  const { origin, pathname, search } = new URL(url)
  const calls = new Pool(origin, {
    connections: CONNECTIONS,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
  // Streams hold their socket for as long as they live and must not use up those of the calls.
  const streams = new Pool(origin, { headersTimeout: timeoutMs, bodyTimeout: HEARTBEAT_LIMIT_MS })

  const send = async (pool: Pool, request: RoomRequest, accept: string, signal?: AbortSignal) => {
    try {
      return await pool.request({
        method: 'POST',
        path: pathname + search,
        headers: {
          ...(await headersOf(request)),
          'content-type': 'application/json',
          accept,
        },
        body: request.body ?? bodyOf(request),
        ...(signal && { signal }),
      })
    } catch (error) {
      const isLate = error instanceof Error && /Timeout/.test(error.name)
      throw isLate ? new AppError('TIMEOUT', `The ${name} room did not answer in time`) : away(name)
    }
  }

  return {
    name,
    async execute(request) {
      const { body } = await send(calls, request, 'application/json')
      return (await body.json().catch(() => {
        throw away(name)
      })) as RoomResponse
    },

    async subscribe(request) {
      const leaving = new AbortController()
      const { headers, body } = await send(streams, request, 'text/event-stream', leaving.signal)
      if (!String(headers['content-type']).startsWith('text/event-stream'))
        return (await body.json()) as RoomResponse
      const channel = createChannel<RoomResponse>({ onClose: () => leaving.abort() })
      readEvents(body, (event) => channel.push(event)).then(
        (isComplete) => channel.close(isComplete ? undefined : away(name)),
        () => channel.close(away(name)),
      )
      return channel
    },

    async isReady() {
      const answer = await calls.request({ method: 'GET', path: '/health/ready' }).catch(() => null)
      await answer?.body.dump()
      return answer?.statusCode === 200
    },

    async close() {
      await Promise.all([calls.close(), streams.close()])
    },
  }
}

function bodyOf({ query, variables, operationName }: RoomRequest): string {
  return JSON.stringify({ query, variables, operationName })
}

function away(name: string): AppError {
  return new AppError('UNAVAILABLE', `The ${name} room is away`)
}

/** Reads graphql-sse events; true when the room said that the stream is complete. */
async function readEvents(
  body: AsyncIterable<Buffer>,
  onNext: (event: RoomResponse) => void,
): Promise<boolean> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true })
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end)
      text = text.slice(end + 2)
      if (block.startsWith('event: complete')) return true
      if (block.startsWith('event: next\ndata: '))
        onNext(JSON.parse(block.slice('event: next\ndata: '.length)))
    }
  }
  return false
}
