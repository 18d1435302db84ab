import type { GraphQLSchema } from 'graphql'
import { LRUCache } from 'lru-cache'
import { createAuthorization, type Guarded, type Permitted } from './authorization/authorization.ts'
import { type CachePolicy, createCachePolicies } from './caching/cache-policy.ts'
import type { Rights } from './caller.ts'
import { type CostOf, createCost } from './cost/cost.ts'
import { createDocumentReader, type DocumentOptions, type ValidDocument } from './document.ts'
import type { PreparedOperation } from './execute/executor.ts'
import { PlanningGivenUp } from './planning/timed-planner.ts'
import type { LoadedSupergraph } from './supergraph.ts'

/** An operation that was parsed, measured and validated: what it costs is known, and who may read it. */
export interface ValidOperation extends ValidDocument {
  readonly source: string
  readonly operationName: string | undefined
  /** The schema it was validated against. */
  readonly schema: GraphQLSchema
  /** Nothing is told of the schema where a variable does not fit. */
  readonly hidesSchema: boolean
  readonly guarded: Guarded
  readonly costOf: CostOf
  /** For how long and whom its answers may be kept. */
  readonly cachePolicy: CachePolicy
  /** What was made ready of it, by what callers may read. */
  readonly variants: Map<string, ReadyOperation>
}

/** The same, planned and compiled: all that is left is to run it. */
export interface ReadyOperation extends PreparedOperation, ValidOperation {
  /** Of the caller it was made ready for: others may read as much of it. */
  rights: Rights | null
  /** Equal for rights that let read the same of it; empty where that is all of it. */
  variant: string
  /** When all this was done, by performance.now(). */
  preparedAt: number
}

/** The same text is read once, and made ready once. Throws GraphQLErrors with the code of the stage that refused it. */
export interface Operations {
  read(source: string, operationName: string | undefined): ValidOperation
  prepare(operation: ValidOperation, rights: Rights | null): ReadyOperation
  /** Both. */
  ready(source: string, operationName: string | undefined, rights: Rights | null): ReadyOperation
  /** What was asked for, latest first. */
  known(): ReadyOperation[]
}

/** Documents with all that is made of them: so many, and no more than fit into so many bytes. */
const REMEMBERED = { max: 1_000, maxSize: 32 * 1024 * 1024 }
const REMEMBERED_VARIANTS = 16

/** What a plan and what is compiled of it take for each token of the document, measured. Comments are in no other limit. */
const BYTES_A_TOKEN = 500
const BYTES_A_CHARACTER = 2

/** What was given up may have been unlucky: it is tried again, but not at once. */
const GIVEN_UP = { max: 100, maxSize: 1024 * 1024, ttl: 10_000 }

/** Everything about a document that does not depend on who sends it but for his rights, for HTTP and sockets alike. */
export function createOperations(supergraph: LoadedSupergraph, options: DocumentOptions): Operations {
  const { apiSchema: schema, directives } = supergraph
  const documents = new LRUCache<string, ValidOperation>({
    ...REMEMBERED,
    sizeCalculation: ({ tokens }, key) => tokens * BYTES_A_TOKEN + key.length * BYTES_A_CHARACTER,
  })
  const givenUp = new LRUCache<string, PlanningGivenUp>({
    ...GIVEN_UP,
    sizeCalculation: (_, key) => key.length,
  })
  const readDocument = createDocumentReader(schema, options)
  const authorize = createAuthorization(schema, directives)
  const costOf = createCost(schema, directives, options.limits)
  const policies = createCachePolicies(schema, directives)

  function learn(source: string, operationName: string | undefined): ValidOperation {
    const valid = readDocument(source, operationName)
    const { definition, fragments } = valid
    return {
      ...valid,
      source,
      operationName,
      schema,
      hidesSchema: options.isProduction,
      guarded: authorize(definition, fragments),
      costOf: costOf(definition, fragments),
      cachePolicy: policies.ofOperation(definition, fragments),
      variants: new Map(),
    }
  }

  function read(source: string, operationName: string | undefined): ValidOperation {
    const key = operationName === undefined ? source : `${operationName}\n${source}`
    const standing = documents.get(key)
    if (standing !== undefined) return standing
    const operation = learn(source, operationName)
    documents.set(key, operation)
    return operation
  }

  function prepare(operation: ValidOperation, rights: Rights | null): ReadyOperation {
    const { guarded, variants } = operation
    const variant = guarded.variantOf(rights)
    const standing = variants.get(variant)
    if (standing !== undefined) return standing
    const permitted = variant === '' ? null : guarded.permit(rights)
    const prepared = plan(operation, variant, permitted)
    const ready = { ...operation, ...prepared, rights, variant, preparedAt: performance.now() }
    if (variants.size === REMEMBERED_VARIANTS) variants.clear()
    variants.set(variant, ready)
    return ready
  }

  function plan(
    { document, source, operationName = '' }: ValidOperation,
    variant: string,
    permitted: Permitted | null,
  ): PreparedOperation {
    const key = `${variant}\n${operationName}\n${source}`
    const before = givenUp.get(key)
    if (before !== undefined) throw before
    try {
      return supergraph.prepare(document, operationName || undefined, permitted)
    } catch (error) {
      if (error instanceof PlanningGivenUp) givenUp.set(key, error)
      throw error
    }
  }

  return {
    read,
    prepare,
    ready: (source, operationName, rights) => prepare(read(source, operationName), rights),
    known: () => [...documents.values()].flatMap(({ variants }) => [...variants.values()]),
  }
}
