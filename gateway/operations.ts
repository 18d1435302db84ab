import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import { AppError, type ErrorCode } from '#shared/errors.ts'
import { fragmentsOf } from './budget.ts'
import { type CachePolicy, createCachePolicies } from './caching/cache-policy.ts'
import type { PreparedOperation } from './execute/executor.ts'
import { enforceLimits, LIMITS } from './limits.ts'
import type { LoadedSupergraph } from './supergraph.ts'

/** An operation that was parsed, validated, measured, planned and compiled: all that is left is to run it. */
export interface ReadyOperation extends PreparedOperation {
  source: string
  operationName: string | undefined
  /** The schema it was validated against. */
  schema: GraphQLSchema
  definition: OperationDefinitionNode
  document: DocumentNode
  fragments: ReadonlyMap<string, FragmentDefinitionNode>
  /** For how long and whom its answers may be kept. */
  cachePolicy: CachePolicy
  /** When all this was done, by performance.now(). */
  preparedAt: number
}

export interface Operations {
  /** The same text is made ready once. Throws GraphQLErrors with the code of the stage that refused it. */
  ready(source: string, operationName: string | undefined): ReadyOperation
  /** What was asked for, latest first. */
  known(): ReadyOperation[]
}

const REMEMBERED = 1_000

/** Everything about a document that does not depend on who sends it, for HTTP and sockets alike. */
export function createOperations(supergraph: LoadedSupergraph, isProduction: boolean): Operations {
  const operations = new LRUCache<string, ReadyOperation>({ max: REMEMBERED })
  const rules = isProduction ? [...specifiedRules, NoSchemaIntrospectionCustomRule] : specifiedRules

  const policies = createCachePolicies(supergraph.apiSchema, supergraph.directives)

  return {
    ready(source, operationName) {
      const key = operationName === undefined ? source : `${operationName}\n${source}`
      const known = operations.get(key)
      if (known !== undefined) return known
      const document = read(source)
      const [fault] = validate(supergraph.apiSchema, document, rules, {
        maxErrors: 10,
        hideSuggestions: isProduction,
      })
      if (fault !== undefined) throw coded(fault, 'GRAPHQL_VALIDATION_FAILED')
      const definition = getOperationAST(document, operationName)
      if (!definition) throw new AppError('BAD_USER_INPUT', whichOperation(operationName))
      enforceLimits(document)
      const fragments = fragmentsOf(document.definitions)
      const prepared = supergraph.prepare(document, operationName)
      const schema = supergraph.apiSchema
      const cachePolicy = policies.ofOperation(definition, fragments)
      const operation = {
        ...prepared,
        source,
        operationName,
        schema,
        definition,
        document,
        fragments,
        cachePolicy,
        preparedAt: performance.now(),
      }
      operations.set(key, operation)
      return operation
    },
    known: () => [...operations.values()],
  }
}

function read(source: string): DocumentNode {
  try {
    return parse(source, { maxTokens: LIMITS.tokens })
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    const isTooLong = error.message.includes('token limit') || error.message.includes('more than')
    throw coded(error, isTooLong ? 'QUERY_TOO_COMPLEX' : 'GRAPHQL_PARSE_FAILED')
  }
}

function coded({ message, nodes, source, positions }: GraphQLError, code: ErrorCode): GraphQLError {
  return new GraphQLError(message, {
    extensions: { code },
    ...(nodes && { nodes }),
    ...(source && { source }),
    ...(positions && { positions }),
  })
}

function whichOperation(operationName: string | undefined): string {
  if (operationName === undefined)
    return 'The document has several operations: say which one in operationName'
  return `The document has no operation ${operationName.slice(0, 60)}`
}
