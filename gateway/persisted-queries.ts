import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { AppError } from '#shared/errors.ts'
import type { GraphqlRequest } from './graphql-request.ts'

/** Automatic persisted queries: a document is sent whole once, then by its SHA-256. */
export interface PersistedQueries {
  /** The document of a request; PERSISTED_QUERY_NOT_FOUND asks the client to send it whole. */
  resolve(request: GraphqlRequest): string
}

const REMEMBERED_BYTES = 8 * 1024 * 1024

export function createPersistedQueries(): PersistedQueries {
  const documents = new LRUCache<string, string>({
    maxSize: REMEMBERED_BYTES,
    sizeCalculation: (text) => text.length + 1,
  })
  return {
    resolve({ query, hash }) {
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
