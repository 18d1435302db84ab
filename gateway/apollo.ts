import { ApolloServer, HeaderMap, type HTTPGraphQLHead } from '@apollo/server'
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import type { Logger } from 'pino'
import type { DoorContext } from './data-source.ts'
import { enforceLimits, LIMITS } from './limits.ts'
import { maskAtDoor } from './masking.ts'
import type { LoadedSupergraph } from './supergraph.ts'
import { doorRequests } from './telemetry.ts'

export interface HttpOperation {
  method: string
  headers: Readonly<Record<string, string | string[] | undefined>>
  /** With its question mark, or empty. */
  search: string
  /** The parsed JSON body; undefined for GET. */
  body: unknown
}

export interface HttpAnswer {
  status: number
  headers: Iterable<[string, string]>
  body: string
}

/** GraphQL over HTTP by @apollo/server over @apollo/gateway: parsing, validation, APQ, CSRF rules, execution. */
export interface Apollo {
  start(): Promise<void>
  answer(operation: HttpOperation, context: DoorContext): Promise<HttpAnswer>
  stop(): Promise<void>
}

export function createApollo(supergraph: LoadedSupergraph, logger: Logger, isProduction: boolean): Apollo {
  const server = new ApolloServer<DoorContext>({
    gateway: supergraph.gateway,
    introspection: !isProduction,
    hideSchemaDetailsFromClientErrors: isProduction,
    includeStacktraceInErrorResponses: false,
    allowBatchedHttpRequests: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: LIMITS.tokens },
    formatError: (formatted, error) => maskAtDoor(formatted, error, logger),
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      {
        async requestDidStart() {
          const end = doorRequests.startTimer()
          return {
            async didResolveOperation({ document }) {
              enforceLimits(document)
            },
            async willSendResponse({ operation, response }) {
              const { body } = response
              const isFaulty = body.kind === 'single' && body.singleResult.errors !== undefined
              end({ operation: operation?.operation ?? 'none', outcome: isFaulty ? 'error' : 'ok' })
              // The executor's notes on nulls that bubbled name fields the viewer was not to know of.
              if (body.kind === 'single') delete body.singleResult.extensions?.['valueCompletion']
              if (body.kind === 'single' && Object.keys(body.singleResult.extensions ?? {}).length === 0) {
                delete body.singleResult.extensions
              }
            },
          }
        },
      },
    ],
  })

  return {
    start: () => server.start(),
    async answer({ method, headers, search, body }, context) {
      const {
        status,
        headers: answered,
        body: answer,
      } = await server.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method, headers: toHeaderMap(headers), search, body },
        context: async () => context,
      })
      if (answer.kind !== 'complete') throw new Error('The door does not answer in parts')
      return { status: status ?? 200, headers: answered, body: answer.string }
    },
    stop: () => server.stop(),
  }
}

function toHeaderMap(headers: HttpOperation['headers']): HTTPGraphQLHead['headers'] {
  const map = new HeaderMap()
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  return map
}
