import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { AppError } from '#shared/errors.ts'
import type { GraphqlRequest } from './graphql-request.ts'

/** Documents that were agreed on beforehand, by the name under which clients ask for them: the SHA-256 in hex, most often. */
export type TrustedDocuments = ReadonlyMap<string, string>

export interface PersistedQueriesOptions {
  trusted?: TrustedDocuments | undefined
  /** Nothing but trusted documents is answered. */
  isTrustedOnly?: boolean | undefined
}

/** Documents by their names: those agreed on beforehand, and automatic persisted queries, which are sent whole once. */
export interface PersistedQueries {
  /** The document of a request; PERSISTED_QUERY_NOT_FOUND asks the client to send it whole. */
  resolve(request: GraphqlRequest): string
}

const REMEMBERED_BYTES = 8 * 1024 * 1024

export function createPersistedQueries({
  trusted = new Map(),
  isTrustedOnly = false,
}: PersistedQueriesOptions = {}): PersistedQueries {
  const documents = new LRUCache<string, string>({
    maxSize: REMEMBERED_BYTES,
    sizeCalculation: (text) => text.length + 1,
  })
  const trustedTexts = new Set(trusted.values())
  return {
    resolve({ query, hash }) {
      const agreed = hash === undefined ? undefined : trusted.get(hash)
      if (agreed !== undefined && (query === undefined || query === agreed)) return agreed
      if (isTrustedOnly && (query === undefined || !trustedTexts.has(query))) {
        throw new AppError('FORBIDDEN', 'Only documents that were agreed on beforehand are answered')
      }
      if (hash === undefined) return query ?? ''
      if (query === undefined) {
        const known = documents.get(hash)
        if (known === undefined) throw new AppError('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound')
        return known
      }
      if (createHash('sha256').update(query).digest('hex') !== hash) {
        throw new AppError('BAD_USER_INPUT', 'The hash is not that of the query')
      }
      documents.set(hash, query)
      return query
    },
  }
}

/** Names of documents may say how they were made: `sha256:<hex>` is `<hex>`. */
export function documentName(given: string): string {
  return given.replace(/^sha256:/, '')
}

const apolloManifest = z.object({ operations: z.array(z.object({ id: z.string(), body: z.string() })) })
const plainManifest = z.record(z.string(), z.string())

/** Reads `{ "<name>": "<document>" }` or Apollo's manifest, `{ operations: [{ id, body }] }`, from JSON text. */
export function readTrustedDocuments(text: string): TrustedDocuments {
  const manifest: unknown = JSON.parse(text)
  const apollos = apolloManifest.safeParse(manifest)
  const documents = apollos.success
    ? apollos.data.operations.map(({ id, body }): [string, string] => [id, body])
    : Object.entries(plainManifest.parse(manifest))
  return new Map(documents.map(([name, document]) => [documentName(name), document]))
}
