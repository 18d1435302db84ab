import type { Server } from 'node:http'
import {
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import { CloseCode, type Context, type SubscribePayload } from 'graphql-ws'
import { useServer as serveProtocol } from 'graphql-ws/use/ws'
import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import { WebSocketServer } from 'ws'
import { AppError } from '#shared/errors.ts'
import type { Apollo } from './apollo.ts'
import type { Authenticator, Visit } from './authenticator.ts'
import { enforceLimits, LIMITS } from './limits.ts'
import { maskAtDoor } from './masking.ts'
import type { SubscriptionRequest, Subscriptions } from './subscriptions.ts'
import type { LoadedSupergraph } from './supergraph.ts'
import { doorSockets, doorSubscriptions } from './telemetry.ts'

export interface SocketOptions {
  server: Server
  supergraph: LoadedSupergraph
  subscriptions: Subscriptions
  apollo: Apollo
  authenticator: Authenticator
  logger: Logger
}

interface Extra extends Record<PropertyKey, unknown> {
  visit?: Visit
  leave?: () => void
  socket: { close(code: number, reason: string): void }
}

/** What onSubscribe hands on to subscribe and execute through graphql-ws. */
interface Accepted extends ExecutionArgs {
  contextValue: SubscriptionRequest
}

const SUBSCRIPTIONS_PER_SOCKET = 20

/**
 * graphql-transport-ws at the address of the HTTP API, with its limits, its masking and its tokens. The token is checked
 * once, when the connection is initialised; the socket closes 4403 when it expires or its session ends.
 */
export function attachSocket(options: SocketOptions): { close(): Promise<void> } {
  const { supergraph, subscriptions, apollo, authenticator, logger } = options
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 64 * 1024,
    perMessageDeflate: false,
    handleProtocols: (protocols) => (protocols.has('graphql-transport-ws') ? 'graphql-transport-ws' : false),
  })
  options.server.on('upgrade', (request, socket, head) => {
    if (new URL(request.url ?? '/', 'http://door').pathname !== '/graphql') {
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (accepted) => sockets.emit('connection', accepted, request))
  })

  const running = new WeakMap<Extra, number>()
  const documents = new LRUCache<string, ReturnType<typeof parse>>({ max: 500 })

  const prepare = ({ query, variables, operationName }: SubscribePayload, visit: Visit): Accepted => {
    let document = documents.get(query)
    if (document === undefined) {
      document = parse(query, { maxTokens: LIMITS.tokens })
      const errors = validate(supergraph.apiSchema, document, specifiedRules, { maxErrors: 10 })
      if (errors[0] !== undefined) throw new AppError('GRAPHQL_VALIDATION_FAILED', errors[0].message)
      enforceLimits(document)
      documents.set(query, document)
    }
    const request = {
      document,
      source: query,
      variables: variables ?? {},
      operationName: operationName ?? undefined,
      identity: visit.identity,
    }
    return {
      schema: supergraph.apiSchema,
      document,
      operationName: operationName ?? null,
      contextValue: request,
    }
  }

  const cleanup = serveProtocol<Record<string, unknown>, Extra>(
    {
      schema: supergraph.apiSchema,
      connectionInitWaitTimeout: 3_000,

      async onConnect(context) {
        const { extra, connectionParams } = context
        const given = connectionParams?.['authorization'] ?? connectionParams?.['Authorization']
        try {
          extra.visit = await authenticator.visit(given == null ? undefined : String(given))
        } catch {
          return false // graphql-ws closes 4403, which clients take as "get a new token"
        }
        extra.leave = closeWhenOver(extra, extra.visit, authenticator)
        return true
      },

      onSubscribe({ extra }: Context<Record<string, unknown>, Extra>, _id, payload) {
        try {
          if (extra.visit === undefined) throw new AppError('UNAUTHENTICATED', 'Sign in first')
          const accepted = prepare(payload, extra.visit)
          const count = running.get(extra) ?? 0
          if (count >= SUBSCRIPTIONS_PER_SOCKET)
            throw new AppError('RATE_LIMITED', 'Too many operations on one socket')
          running.set(extra, count + 1)
          doorSubscriptions.inc()
          return accepted
        } catch (error) {
          return [toClient(error, logger)]
        }
      },

      onComplete({ extra }) {
        running.set(extra, Math.max(0, (running.get(extra) ?? 1) - 1))
        doorSubscriptions.dec()
      },

      async subscribe(args) {
        const { contextValue } = args as Accepted
        try {
          return (await subscriptions.subscribe(contextValue)) as AsyncIterableIterator<ExecutionResult>
        } catch (error) {
          return { errors: [toClient(error, logger)] }
        }
      },

      // Queries and mutations over the socket take the way of HTTP, so that no rule holds on one of them alone.
      async execute(args) {
        const { source, variables, operationName, identity } = (args as Accepted).contextValue
        const { body } = await apollo.answer(
          {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            search: '',
            body: { query: source, variables, operationName },
          },
          { identity },
        )
        return JSON.parse(body) as ExecutionResult
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
      await cleanup.dispose()
      sockets.close()
    },
  }
}

/** Ends the socket within a second of the token's end or the session's; returns the way to stop watching. */
function closeWhenOver(extra: Extra, visit: Visit, authenticator: Authenticator): () => void {
  const close = (): void => extra.socket.close(CloseCode.Forbidden, 'Forbidden')
  const unlisten = authenticator.onSessionEnd(visit.identity, close)
  const life = visit.expiresAt - Date.now()
  const timer = Number.isFinite(life) ? setTimeout(close, Math.max(0, life)) : undefined
  return () => {
    unlisten()
    clearTimeout(timer)
  }
}

function toClient(error: unknown, logger: Logger): GraphQLError {
  const fault =
    error instanceof GraphQLError ? error : new GraphQLError('Unexpected', { originalError: error as Error })
  const isSyntax = fault.name === 'GraphQLError' && fault.message.startsWith('Syntax Error')
  const formatted = isSyntax
    ? { ...fault.toJSON(), extensions: { code: 'GRAPHQL_PARSE_FAILED' } }
    : fault.toJSON()
  const { message, extensions } = maskAtDoor(formatted, error, logger)
  return new GraphQLError(message, { ...(extensions && { extensions }) })
}
