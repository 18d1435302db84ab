import {
  GRAPHQL_TRANSPORT_WS_PROTOCOL,
  type Message,
  MessageType,
  parseMessage,
  stringifyMessage,
} from 'graphql-ws'
import { WebSocket } from 'ws'
import type { AppError } from '#shared/errors.ts'
import type { RoomRequest, RoomResponse } from '#shared/room.ts'
import { isAnswer, refusal } from './answer.ts'
import { away, fault, late, unreadable } from './faults.ts'
import { createPacedChannel } from './paced-channel.ts'

export interface WebSocketStreamOptions {
  room: string
  /** Of the room over HTTP: its socket is at the same place. */
  url: string
  headers: Readonly<Record<string, string>>
  request: Pick<RoomRequest, 'query' | 'variables' | 'operationName'>
  /** From dialling to the acknowledgement. */
  openTimeoutMs: number
  answerLimitBytes: number
}

/** One stream has one socket, so every stream has the same name on it. */
const ID = '1'
const HEARTBEAT_MS = 15_000
const GOODBYE_MS = 500

/**
 * Opens a subscription by graphql-transport-ws on a socket of its own: one that breaks costs this stream alone, and a caller's
 * rights never meet another's. Rejects when the room does not acknowledge it. graphql-ws' own client is not used, for it dials
 * again by itself after a close of 1000 and waits for mute rooms to say goodbye.
 */
export function openWebSocketStream(
  options: WebSocketStreamOptions,
): Promise<AsyncIterableIterator<RoomResponse>> {
  const { room, headers, request, openTimeoutMs } = options
  return new Promise((resolve, reject) => {
    const socket = dial(options)
    const channel = createPacedChannel<RoomResponse>(() => leave())
    let isAcknowledged = false
    let isHeard = true
    const impatience = setTimeout(() => fail(late(room)), openTimeoutMs)
    const heartbeat = setInterval(() => {
      // Of one that we do not read nothing is heard.
      if (socket.isPaused) return
      if (!isHeard) fail(away(room, new Error('Its socket is silent')))
      isHeard = false
      if (socket.readyState === WebSocket.OPEN) socket.ping()
    }, HEARTBEAT_MS)

    const send = (message: Message): void => socket.send(stringifyMessage(message))
    const fail = (error: AppError): void => {
      reject(error)
      channel.close(error)
      socket.terminate()
    }
    function leave(): void {
      clearTimeout(impatience)
      clearInterval(heartbeat)
      resume()
      if (socket.readyState === WebSocket.OPEN) {
        if (isAcknowledged) send({ type: MessageType.Complete, id: ID })
        socket.close(1000)
        setTimeout(() => socket.terminate(), GOODBYE_MS).unref()
      } else socket.terminate()
    }

    /** The room waits while our reader does not take what it has sent. */
    function pace(): void {
      if (socket.isPaused || !channel.isAhead) return
      socket.pause()
      void channel.drained().then(resume)
    }
    function resume(): void {
      isHeard = true
      if (socket.isPaused) socket.resume()
    }

    socket.on('open', () => send({ type: MessageType.ConnectionInit, payload: headers }))
    socket.on('ping', () => {
      isHeard = true
    })
    socket.on('pong', () => {
      isHeard = true
    })
    socket.on('message', (text) => {
      isHeard = true
      try {
        receive(parseMessage(String(text)))
      } catch (error) {
        fail(unreadable(room, error))
      }
    })
    socket.on('unexpected-response', (_, { statusCode = 0 }) =>
      fail(refusal(room, statusCode, new Error(`HTTP ${statusCode} instead of a socket`))),
    )
    socket.on('error', (error) => fail(away(room, error)))
    socket.on('close', (code, reason) => fail(toFault(room, code, String(reason))))

    function receive(message: Message): void {
      if (message.type === MessageType.Ping) send({ type: MessageType.Pong })
      else if (!isAcknowledged) acknowledge(message)
      else if (message.type !== MessageType.Pong) follow(message)
    }

    function acknowledge({ type }: Message): void {
      if (type !== MessageType.ConnectionAck) throw new Error(`${type} instead of an acknowledgement`)
      isAcknowledged = true
      clearTimeout(impatience)
      const { query, variables, operationName } = request
      send({ type: MessageType.Subscribe, id: ID, payload: { query, variables, operationName } })
      resolve(channel)
    }

    function follow(message: Message): void {
      if (!('id' in message) || message.id !== ID) throw new Error(`An unexpected ${message.type}`)
      if (message.type === MessageType.Next && isAnswer(message.payload)) {
        channel.push(message.payload)
        pace()
        return
      }
      if (message.type === MessageType.Error) channel.push({ errors: message.payload })
      else if (message.type !== MessageType.Complete) throw new Error(`No event: ${message.type}`)
      channel.close()
    }
  })
}

function dial({ room, url, headers, openTimeoutMs, answerLimitBytes }: WebSocketStreamOptions): WebSocket {
  try {
    return new WebSocket(url.replace(/^http/, 'ws'), GRAPHQL_TRANSPORT_WS_PROTOCOL, {
      headers,
      handshakeTimeout: openTimeoutMs,
      maxPayload: answerLimitBytes,
      perMessageDeflate: false,
    })
  } catch (error) {
    throw fault('BAD_USER_INPUT', `The ${room} room cannot be told what the client sent`, error)
  }
}

function toFault(room: string, code: number, reason: string): AppError {
  const cause = new Error(`Its socket closed: ${code} ${reason}`)
  if (code === 4401) return fault('UNAUTHENTICATED', `The ${room} room does not know the caller`, cause)
  if (code === 4403) return fault('FORBIDDEN', `The ${room} room refused the caller`, cause)
  return away(room, cause)
}
