import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql'
import { LRUCache } from 'lru-cache'
import { createAuthorization, type Guarded } from './authorization/authorization.ts'
import { type CachePolicy, createCachePolicies } from './caching/cache-policy.ts'
import type { Rights } from './caller.ts'
import { type CostOf, createCost } from './cost/cost.ts'
import { createDocumentReader, type DocumentOptions, type ValidDocument } from './document.ts'
import type { PreparedOperation } from './execute/executor.ts'
import type { Fragments } from './execute/selection.ts'
import { PlanningGivenUp } from './planning/timed-planner.ts'
import type { LoadedSupergraph } from './supergraph.ts'

/** An operation that was parsed, measured, validated, planned and compiled: all that is left is to run it. */
export interface ReadyOperation extends PreparedOperation {
  source: string
  operationName: string | undefined
  /** Of the caller it was made ready for: others may read as much of it. */
  rights: Rights | null
  /** Equal for rights that let read the same of it; empty where that is all of it. */
  variant: string
  /** The schema it was validated against. */
  schema: GraphQLSchema
  /** Nothing is told of the schema where a variable does not fit. */
  hidesSchema: boolean
  definition: OperationDefinitionNode
  document: DocumentNode
  fragments: Fragments
  /** The units that its guess at a secret costs; 0 where it makes none. */
  guess: number
  costOf: CostOf
  /** For how long and whom its answers may be kept. */
  cachePolicy: CachePolicy
  /** When all this was done, by performance.now(). */
  preparedAt: number
}

export interface Operations {
  /** The same text is made ready once. Throws GraphQLErrors with the code of the stage that refused it. */
  ready(source: string, operationName: string | undefined, rights: Rights | null): ReadyOperation
  /** What was asked for, latest first. */
  known(): ReadyOperation[]
}

/** What is the same of an operation for all callers. */
interface KnownDocument extends ValidDocument {
  guarded: Guarded
  costOf: CostOf
  cachePolicy: CachePolicy
  /** By what callers may read of it. */
  variants: Map<string, ReadyOperation>
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
  const documents = new LRUCache<string, KnownDocument>({
    ...REMEMBERED,
    sizeCalculation: ({ tokens }, key) => tokens * BYTES_A_TOKEN + key.length * BYTES_A_CHARACTER,
  })
  const givenUp = new LRUCache<string, PlanningGivenUp>({
    ...GIVEN_UP,
    sizeCalculation: (_, key) => key.length,
  })
  const read = createDocumentReader(schema, options)
  const authorize = createAuthorization(schema, directives)
  const costOf = createCost(schema, directives, options.limits)
  const policies = createCachePolicies(schema, directives)

  function learn(source: string, operationName: string | undefined): KnownDocument {
    const valid = read(source, operationName)
    const { definition, fragments } = valid
    return {
      ...valid,
      guarded: authorize(definition, fragments),
      costOf: costOf(definition, fragments),
      cachePolicy: policies.ofOperation(definition, fragments),
      variants: new Map(),
    }
  }

  return {
    ready(source, operationName, rights) {
      const key = operationName === undefined ? source : `${operationName}\n${source}`
      const known = documents.get(key) ?? learn(source, operationName)
      if (!documents.has(key)) documents.set(key, known)
      const { guarded, variants, document, definition, fragments, guess } = known
      const variant = guarded.variantOf(rights)
      const standing = variants.get(variant)
      if (standing !== undefined) return standing
      const permitted = variant === '' ? null : guarded.permit(rights)
      const operation: ReadyOperation = {
        ...prepare(`${variant}\n${key}`, () => supergraph.prepare(document, operationName, permitted)),
        source,
        operationName,
        rights,
        variant,
        schema,
        hidesSchema: options.isProduction,
        definition,
        document,
        fragments,
        guess,
        costOf: known.costOf,
        cachePolicy: known.cachePolicy,
        preparedAt: performance.now(),
      }
      if (variants.size === REMEMBERED_VARIANTS) variants.clear()
      variants.set(variant, operation)
      return operation
    },
    known: () => [...documents.values()].flatMap(({ variants }) => [...variants.values()]),
  }

  function prepare(key: string, work: () => PreparedOperation): PreparedOperation {
    const before = givenUp.get(key)
    if (before !== undefined) throw before
    try {
      return work()
    } catch (error) {
      if (error instanceof PlanningGivenUp) givenUp.set(key, error)
      throw error
    }
  }
}
