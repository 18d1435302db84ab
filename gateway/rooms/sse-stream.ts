import { Client, type Dispatcher } from 'undici'
import type { RoomResponse } from '#shared/room.ts'
import { isAnswer, oversize, readAnswer } from './answer.ts'
import { createEventReader } from './event-stream.ts'
import { away, fault, late, unreadable } from './faults.ts'
import { createPacedChannel, type PacedChannel } from './paced-channel.ts'

export interface SseStreamOptions {
  room: string
  origin: string
  connection: Client.Options
  request: Dispatcher.RequestOptions
  answerLimitBytes: number
}

/**
 * Opens a subscription by graphql-sse, one request a stream; a room that answers at once instead gives that answer. Its socket
 * is its own, and goes when it goes: one of a pool would be dialled anew.
 */
export async function openSseStream(
  options: SseStreamOptions,
): Promise<AsyncIterableIterator<RoomResponse> | RoomResponse> {
  const { room, origin, connection, answerLimitBytes } = options
  const client = new Client(origin, connection)
  const leave = (): void => void client.destroy()
  try {
    const { statusCode, headers, body } = await send(client, options)
    if (statusCode === 200 && String(headers['content-type']).startsWith('text/event-stream')) {
      const channel = createPacedChannel<RoomResponse>(leave)
      follow(body, answerLimitBytes, channel).then(
        (isComplete) => channel.close(isComplete ? undefined : away(room)),
        (error: unknown) => channel.close(away(room, error)),
      )
      return channel
    }
    const answer = readAnswer(room, statusCode, await collect(room, body, answerLimitBytes))
    leave()
    return answer
  } catch (error) {
    leave()
    throw error
  }
}

async function send(client: Client, { room, request }: SseStreamOptions): Promise<Dispatcher.ResponseData> {
  try {
    return await client.request(request)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'UND_ERR_INVALID_ARG') throw fault('BAD_USER_INPUT', 'A header cannot be passed on', error)
    throw code === 'UND_ERR_HEADERS_TIMEOUT' ? late(room) : away(room, error)
  }
}

async function collect(room: string, body: AsyncIterable<Buffer>, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of body) {
      chunks.push(chunk)
      length += chunk.length
      if (length > limitBytes) break
    }
  } catch (error) {
    throw unreadable(room, error)
  }
  if (length > limitBytes) throw oversize(room)
  return Buffer.concat(chunks)
}

/** True when the room said that the stream is complete; false when it ended without a word. */
async function follow(
  body: AsyncIterable<Buffer>,
  limit: number,
  channel: PacedChannel<RoomResponse>,
): Promise<boolean> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let isComplete = false
  const read = createEventReader(limit, (name, data) => {
    if (name === 'complete') isComplete = true
    if (name !== 'next' || isComplete) return
    const event: unknown = JSON.parse(data)
    if (!isAnswer(event)) throw new Error('An event that is no answer')
    channel.push(event)
  })
  for await (const chunk of body) {
    read(decoder.decode(chunk, { stream: true }))
    if (isComplete) return true
    // The room waits while our reader does not take what it has sent.
    if (channel.isAhead) await channel.drained()
  }
  return false
}
