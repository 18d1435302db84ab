import type { IncomingMessage, ServerResponse } from 'node:http'
import { ApolloServer } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
} from '@apollo/server/plugin/disabled'
import { buildSubgraphSchema } from '@apollo/subgraph'
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLFormattedError,
  parse,
  validate,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import type { EventLog } from './event-log.ts'
import { createEventSharing } from './event-sharing.ts'
import type { Identity } from './identity.ts'
import { maskError } from './masking.ts'
import { readSchema } from './schema.ts'
import type { S3Settings } from './storage/s3-storage.ts'
import { mapStream } from './streams.ts'
import { roomRequests } from './telemetry.ts'

export interface RoomRequest {
  query: string
  variables?: Record<string, unknown> | undefined
  operationName?: string | undefined
  /** The three above as JSON text, where that was made anyway. */
  body?: string | undefined
  identity: Identity
  /** What a foreign room is passed on of the client's request, by lower-case name. */
  headers?: Readonly<Record<string, string>> | undefined
  /** Aborted when nobody waits for the answer any more. */
  signal?: StopSignal | undefined
  /** By when it has to be answered, by `performance.now()`: set by whoever sees to that. */
  dueAt?: number | undefined
}

/** An AbortSignal, or anything else that can tell: it is looked at now and then, for to listen costs more than a call. */
export type StopSignal = Pick<AbortSignal, 'aborted' | 'reason'>

export interface RoomResponse {
  data?: Record<string, unknown> | null | undefined
  errors?: readonly GraphQLFormattedError[] | undefined
}

/** Answers a plain HTTP request and says whether it was its to answer. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => boolean

/** A room as the door knows it: in process or behind HTTP, the calls are these. */
export interface Room {
  readonly name: string
  execute(request: RoomRequest): Promise<RoomResponse>
  /** The room's part of a subscription; ends when the consumer returns. */
  subscribe(request: RoomRequest): Promise<AsyncIterableIterator<RoomResponse> | RoomResponse>
  /** Whether the room can do its work now: its database answers. */
  isReady(): Promise<boolean>
  /** Lets go of its sockets: the door asks it nothing any more. */
  close?(): Promise<void>
}

/** A room that runs here: it also has a life, and may answer plain HTTP beside GraphQL (the audio edge does). */
export interface LocalRoom extends Room {
  readonly handlers: readonly HttpHandler[]
  start(): Promise<void>
  stop(): Promise<void>
}

/** What a room is given to live on, whoever starts it. */
export interface RoomDependencies {
  databaseUrl: string
  /** Carries hints between processes; without it the database does. */
  redisUrl?: string | undefined
  log: EventLog
  logger: Logger
  /** CADENZA_HOME: secrets, and audio where no bucket keeps it. */
  home: string
  /** Keeps audio, originals and artwork; without it a folder of the home does. */
  s3?: S3Settings | undefined
  /** The address under which clients reach the door and the audio edge, without a trailing slash. */
  publicUrl: string
}

export interface RoomOptions<Context extends object> {
  name: string
  // biome-ignore lint/suspicious/noExplicitAny: resolver maps are typed where they are written, each with its own parents
  resolvers: Record<string, any>
  /** Built anew for each request and for each event of a subscription: a loader never outlives what it was asked for. */
  createContext(identity: Identity): Context
  isReady(): Promise<boolean>
  start?(): Promise<void>
  stop?(): Promise<void>
  handlers?: readonly HttpHandler[]
  logger: Logger
}

/** A federated subgraph over @apollo/server and @apollo/subgraph from `schema/<name>.graphql` and the room's resolvers. */
export function createRoom<Context extends object>(options: RoomOptions<Context>): LocalRoom {
  const { name, logger, createContext } = options
  const schema = buildSubgraphSchema([{ typeDefs: readSchema(name), resolvers: options.resolvers }])
  const server = new ApolloServer<Context>({
    schema,
    introspection: true, // behind the internal token; the door decides what clients see
    includeStacktraceInErrorResponses: false,
    formatError: (formatted, error) => maskError(formatted, error, logger),
    csrfPrevention: false, // no browser reaches a room
    stopOnTerminationSignals: false,
    // Policies are the door's, which reads them once an operation: here they would be read again for every field of an answer.
    plugins: [ApolloServerPluginInlineTraceDisabled(), ApolloServerPluginCacheControlDisabled()],
  })
  const isStarted = server.start()
  const documents = new LRUCache<string, DocumentNode>({ max: 500 })
  const shareEvents = createEventSharing(schema)

  const documentOf = (query: string): DocumentNode => {
    const known = documents.get(query)
    if (known !== undefined) return known
    const document = parse(query)
    const errors = validate(schema, document)
    if (errors[0] !== undefined) throw errors[0]
    documents.set(query, document)
    return document
  }
  const mask = (result: ExecutionResult): RoomResponse => ({
    data: result.data,
    ...(result.errors && { errors: result.errors.map((error) => maskError(error.toJSON(), error, logger)) }),
  })

  return {
    name,
    handlers: options.handlers ?? [],

    async execute({ query, variables, operationName, identity }) {
      await isStarted
      const end = roomRequests.startTimer({ room: name })
      const { body } = await server.executeOperation(
        { query, ...(variables && { variables }), ...(operationName !== undefined && { operationName }) },
        { contextValue: createContext(identity) },
      )
      if (body.kind !== 'single') throw new Error('A room does not answer in parts')
      end({ outcome: body.singleResult.errors ? 'error' : 'ok' })
      return body.singleResult
    },

    async subscribe({ query, variables, operationName, identity }) {
      try {
        const document = documentOf(query)
        const request = { schema, document, variableValues: variables, operationName }
        const source = await createSourceEventStream({ ...request, contextValue: createContext(identity) })
        if (!(Symbol.asyncIterator in source)) return mask(source)
        const resolveEvent = shareEvents({ document, variables, operationName })
        return mapStream(source, (event) =>
          resolveEvent(event, async () =>
            mask(await execute({ ...request, rootValue: event, contextValue: createContext(identity) })),
          ),
        )
      } catch (error) {
        const fault =
          error instanceof GraphQLError
            ? error
            : new GraphQLError('Unexpected', { originalError: error as Error })
        return { errors: [maskError(fault.toJSON(), error, logger)] }
      }
    },

    isReady: options.isReady,
    async start() {
      await isStarted
      await options.start?.()
    },
    async stop() {
      await options.stop?.()
      await server.stop()
    },
  }
}
