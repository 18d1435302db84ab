import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, handleProtocols } from 'graphql-ws'
import type { Logger } from 'pino'
import { type WebSocket, WebSocketServer } from 'ws'
import { pathOf } from './address.ts'
import type { Arrivals } from './arrival.ts'
import { type ConnectionTools, createConnection } from './socket/connection.ts'
import { SocketTarget } from './socket/socket-target.ts'
import { Outlet } from './subscribe/outlet.ts'
import { doorSockets } from './telemetry.ts'

export interface SocketOptions extends ConnectionTools {
  server: Server
  arrivals: Arrivals
  logger: Logger
}

const HEARTBEAT_MS = 12_000
const GOODBYE_MS = 1_500
const CLOSE_TIMEOUT_MS = 5_000
const GOING_AWAY = 1001

/**
 * graphql-transport-ws at the address of the HTTP API, with its limits, its masking and its tokens. The socket closes 4403 when
 * the token expires or its session ends, unless the client has renewed it by then.
 */
export function attachSocket({ server, arrivals, logger, ...tools }: SocketOptions): {
  close(): Promise<void>
} {
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols,
    maxPayload: 64 * 1024,
    maxFragments: 64,
    maxBufferedChunks: 1_024,
    perMessageDeflate: false,
    // Done by hand: a client that pings and does not read would have us keep its pongs.
    autoPong: false,
    // Missing in the type, not in the library.
    ...{ closeTimeout: CLOSE_TIMEOUT_MS },
  })
  const beats = new Set<() => void>()
  const heart = setInterval(() => {
    for (const beat of beats) beat()
  }, HEARTBEAT_MS).unref()

  server.on('upgrade', (request, stream, head) => {
    // Node leaves an upgraded socket to us, errors included: unheard, a client that resets it would end the process.
    stream.on('error', () => stream.destroy())
    if (pathOf(request) !== '/graphql') return refuse(stream, '404 Not Found')
    const leave = tools.admission.fromAddress(arrivals.overHttp(request).address)
    if (leave === null) return refuse(stream, '429 Too Many Requests')
    stream.once('close', leave)
    sockets.handleUpgrade(request, stream, head, (socket) => open(socket, stream, request))
  })

  function open(socket: WebSocket, stream: Duplex, request: IncomingMessage): void {
    doorSockets.inc()
    const outlet = new Outlet({
      stream,
      target: new SocketTarget(socket, stream),
      onReady: () => connection.wake(),
      onOverflow: () => connection.cutOff(),
    })
    const connection = createConnection({
      ...tools,
      outlet,
      arrivalWith: (parameters) => arrivals.overSocket(request, parameters),
      closeSocket: (code, reason) => socket.close(code, reason),
    })
    let isAlive = true
    const beat = (): void => {
      if (outlet.hasStalled()) connection.cutOff()
      else if (!isAlive) socket.terminate()
      isAlive = false
      socket.ping()
    }
    beats.add(beat)
    socket.on('pong', () => {
      isAlive = true
    })
    socket.on('ping', (data) => {
      if (outlet.isReady()) socket.pong(data)
    })
    socket.on('message', (data, isBinary) => connection.receive(isBinary ? '' : String(data)))
    socket.on('error', (error) => logger.debug({ err: error }, 'socket error'))
    socket.on('close', () => {
      doorSockets.dec()
      beats.delete(beat)
      connection.close(GOING_AWAY, '')
    })
    if (socket.protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL) {
      connection.close(CloseCode.SubprotocolNotAcceptable, 'Subprotocol not acceptable')
    }
  }

  return {
    async close() {
      clearInterval(heart)
      const gone = [...sockets.clients].map((socket) => {
        socket.close(GOING_AWAY, 'Going away')
        return new Promise((resolve) => socket.once('close', resolve))
      })
      // A client that has stopped reading never answers our goodbye.
      const impatience = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate()
      }, GOODBYE_MS)
      await Promise.all(gone)
      clearTimeout(impatience)
      sockets.close()
    },
  }
}

/** Closes both halves: ours alone would leave the descriptor with whoever never closes his. */
function refuse(stream: Duplex, status: string): void {
  stream.once('finish', () => stream.destroy())
  stream.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`)
}
