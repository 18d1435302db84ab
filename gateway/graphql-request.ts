import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import { readBody } from '#shared/bodies.ts'
import { AppError } from '#shared/errors.ts'
import type { Limits } from './limits.ts'
import { documentName } from './persisted-queries.ts'

/** What a client asks for, whichever way it came. */
export interface GraphqlRequest {
  query: string | undefined
  variables: Record<string, unknown>
  operationName: string | undefined
  /** The name of a persisted document: of an automatic one the SHA-256 in hex. */
  hash: string | undefined
}

const parametersSchema = z.object({
  query: z.string().nullish(),
  documentId: z.string().min(1).max(200).nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
  extensions: z
    .looseObject({
      persistedQuery: z
        .object({ version: z.literal(1), sha256Hash: z.string().regex(/^[0-9a-f]{64}$/) })
        .nullish(),
    })
    .nullish(),
})

/** Reads `POST` with a JSON body or `GET` with a query string, as the GraphQL over HTTP specification has them. */
export async function readGraphqlRequest(
  request: IncomingMessage,
  search: URLSearchParams,
  limits: Pick<Limits, 'bodyBytes'>,
): Promise<GraphqlRequest> {
  if (request.method === 'POST') return toRequest(await readJson(request, limits))
  refuseForeignPage(request)
  return toRequest({
    query: search.get('query'),
    documentId: search.get('documentId'),
    variables: parseParameter(search, 'variables'),
    operationName: search.get('operationName'),
    extensions: parseParameter(search, 'extensions'),
  })
}

/** The parameters of a request that arrived as JSON, over whichever transport. */
export function toRequest(given: unknown): GraphqlRequest {
  const parsed = parametersSchema.safeParse(given)
  if (!parsed.success) {
    const [fault] = parsed.error.issues
    throw new AppError(
      'BAD_USER_INPUT',
      `A request is { query, variables, operationName, extensions }: ${fault?.path.join('.')} is not right`,
    )
  }
  const { query, documentId, variables, operationName, extensions } = parsed.data
  const hash =
    (documentId == null ? undefined : documentName(documentId)) ?? extensions?.persistedQuery?.sha256Hash
  if (!query && hash === undefined) throw new AppError('BAD_USER_INPUT', 'There is no query')
  return {
    query: query ?? undefined,
    variables: variables ?? {},
    operationName: operationName || undefined,
    hash,
  }
}

/** A page of another site can make a browser send a GET; what it could learn is in the timing, so it is not answered. */
function refuseForeignPage({ headers }: IncomingMessage): void {
  const site = headers['sec-fetch-site']
  const isNavigation = headers['sec-fetch-mode'] === 'navigate'
  const isDeliberate = 'apollo-require-preflight' in headers || 'x-apollo-operation-name' in headers
  if (site === 'cross-site' && !isDeliberate && !isNavigation) {
    throw new AppError('BAD_USER_INPUT', 'A GET from another site needs the header apollo-require-preflight')
  }
}

async function readJson(
  request: IncomingMessage,
  { bodyBytes }: Pick<Limits, 'bodyBytes'>,
): Promise<unknown> {
  const { 'content-type': contentType = '' } = request.headers
  if (contentType !== 'application/json' && !isUtf8Json(contentType)) throw new UnsupportedMediaType()
  const body = await readBody(request, bodyBytes)
  if (body === null) throw new AppError('QUERY_TOO_COMPLEX', `A request has at most ${bodyBytes / 1024} KiB`)
  // What is not UTF-8 would be read as something that nobody sent.
  if (!isUtf8(body)) throw new AppError('BAD_USER_INPUT', 'The body is not UTF-8')
  return parseJson(body.toString(), 'The body')
}

/** Forms and uploads among others: what a page of another site can make a browser send without asking first. */
export class UnsupportedMediaType extends AppError {
  constructor() {
    super('BAD_USER_INPUT', 'Send application/json in UTF-8')
  }
}

function isUtf8Json(contentType: string): boolean {
  const [mediaType, ...parameters] = contentType.toLowerCase().split(';')
  const charset = /charset=["']?([\w-]+)/.exec(parameters.join(';'))?.[1] ?? 'utf-8'
  return mediaType?.trim() === 'application/json' && charset === 'utf-8'
}

function parseParameter(search: URLSearchParams, name: string): unknown {
  const text = search.get(name)
  return text === null || text === '' ? null : parseJson(text, name)
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new AppError('BAD_USER_INPUT', `${what} is not JSON`)
  }
}
