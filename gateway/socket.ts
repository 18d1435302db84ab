import type { IncomingMessage, Server } from 'node:http'
import type { ExecutionArgs, ExecutionResult } from 'graphql'
import { CloseCode, type Context, type SubscribePayload } from 'graphql-ws'
import { useServer as serveProtocol } from 'graphql-ws/use/ws'
import type { Logger } from 'pino'
import { WebSocketServer } from 'ws'
import { AppError } from '#shared/errors.ts'
import { pathOf } from './address.ts'
import { arrivalOver } from './arrival.ts'
import type { Authenticator, Visit } from './authenticator.ts'
import type { Caller } from './caller.ts'
import type { Accepted, Engine } from './engine.ts'
import { toGraphQLError } from './formatted-error.ts'
import { type GraphqlRequest, toRequest } from './graphql-request.ts'
import type { Subscriptions } from './subscriptions.ts'
import { doorSockets, doorSubscriptions } from './telemetry.ts'

export interface SocketOptions {
  server: Server
  subscriptions: Subscriptions
  engine: Engine
  authenticator: Authenticator
  logger: Logger
}

interface Extra extends Record<PropertyKey, unknown> {
  visit?: Visit
  leave?: () => void
  request: IncomingMessage
  socket: { readonly readyState: number; close(code: number, reason: string): void }
}

/** What onSubscribe hands on to subscribe and execute through graphql-ws. */
interface Handed extends ExecutionArgs {
  contextValue: { request: GraphqlRequest; accepted: Accepted; caller: Caller }
}

const SUBSCRIPTIONS_PER_SOCKET = 20
const GOODBYE_MS = 1_500
const OPEN = 1

/**
 * graphql-transport-ws at the address of the HTTP API, with its limits, its masking and its tokens. The token is checked
 * once, when the connection is initialised; the socket closes 4403 when it expires or its session ends.
 */
export function attachSocket(options: SocketOptions): { close(): Promise<void> } {
  const { subscriptions, engine, authenticator, logger } = options
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 64 * 1024,
    perMessageDeflate: false,
  })
  options.server.on('upgrade', (request, socket, head) => {
    // Node leaves an upgraded socket to us, errors included: unheard, a client that resets it would end the process.
    socket.on('error', () => socket.destroy())
    if (pathOf(request) !== '/graphql') {
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (accepted) => sockets.emit('connection', accepted, request))
  })

  const running = new WeakMap<Extra, number>()
  const prepare = (payload: SubscribePayload, { caller }: Visit): Handed => {
    const request = toRequest(payload)
    const accepted = engine.accept(request)
    return {
      schema: accepted.operation.schema,
      document: accepted.operation.document,
      operationName: request.operationName ?? null,
      contextValue: { request, accepted, caller },
    }
  }

  const cleanup = serveProtocol<Record<string, unknown>, Extra>(
    {
      connectionInitWaitTimeout: 3_000,

      async onConnect(context) {
        const { extra, connectionParams } = context
        try {
          extra.visit = await authenticator.visit(arrivalOver(extra.request, connectionParams))
        } catch {
          return false // graphql-ws closes 4403, which clients take as "get a new token"
        }
        // Gone while its token was verified: nobody would tell us again.
        if (extra.socket.readyState !== OPEN) return false
        extra.leave = closeWhenOver(extra, extra.visit, authenticator)
        return true
      },

      onSubscribe({ extra }: Context<Record<string, unknown>, Extra>, _id, payload) {
        try {
          if (extra.visit === undefined) throw new AppError('UNAUTHENTICATED', 'Sign in first')
          const handed = prepare(payload, extra.visit)
          const count = running.get(extra) ?? 0
          if (count >= SUBSCRIPTIONS_PER_SOCKET)
            throw new AppError('RATE_LIMITED', 'Too many operations on one socket')
          running.set(extra, count + 1)
          doorSubscriptions.inc()
          return handed
        } catch (error) {
          return [toGraphQLError(engine.mask(error))]
        }
      },

      onComplete({ extra }) {
        running.set(extra, Math.max(0, (running.get(extra) ?? 1) - 1))
        doorSubscriptions.dec()
      },

      async subscribe(args) {
        const { accepted, caller } = (args as Handed).contextValue
        try {
          return (await subscriptions.subscribe(accepted, caller)) as AsyncIterableIterator<ExecutionResult>
        } catch (error) {
          return { errors: [toGraphQLError(engine.mask(error))] }
        }
      },

      // Queries and mutations over the socket take the way of HTTP, so that no rule holds on one of them alone.
      async execute(args) {
        const { request, caller } = (args as Handed).contextValue
        const { data, errors } = await engine.answer(request, caller)
        return {
          ...(data !== undefined && { data: data === null ? null : JSON.parse(data) }),
          ...(errors.length > 0 && { errors: errors.map(toGraphQLError) }),
        }
      },

      onDisconnect({ extra }) {
        extra.leave?.()
      },
    },
    sockets,
  )

  sockets.on('connection', (socket) => {
    doorSockets.inc()
    socket.on('close', () => doorSockets.dec())
    socket.on('error', (error) => logger.debug({ err: error }, 'socket error'))
  })

  return {
    async close() {
      // A client that has stopped reading never answers our goodbye.
      const impatience = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate()
      }, GOODBYE_MS)
      await cleanup.dispose()
      clearTimeout(impatience)
      sockets.close()
    },
  }
}

/** Ends the socket within a second of the token's end or the session's; returns the way to stop watching. */
function closeWhenOver(extra: Extra, visit: Visit, authenticator: Authenticator): () => void {
  const close = (): void => extra.socket.close(CloseCode.Forbidden, 'Forbidden')
  const unlisten = authenticator.onSessionEnd(visit.caller, close)
  const life = visit.expiresAt - Date.now()
  const timer = Number.isFinite(life) ? setTimeout(close, Math.max(0, life)) : undefined
  return () => {
    unlisten()
    clearTimeout(timer)
  }
}
