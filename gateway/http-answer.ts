import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { EngineAnswer } from './engine.ts'
import type { AnswerType } from './graphql-answer.ts'
import { chooseEncoding, isUnchanged } from './negotiation.ts'

export interface HttpAnswer {
  status: number
  type: AnswerType
  bytes: Buffer
  /** How long whoever stands between us and the client may keep it; null when nobody may. */
  policy: EngineAnswer['policy']
}

/** Below this an answer is not worth compressing: it fits a packet. */
const WORTHWHILE = 1_024

/** What a gigabit costs less than the processor's time: both far from the best that they can. */
const compressors = {
  br: promisify((bytes: Buffer, done: (error: Error | null, result: Buffer) => void) =>
    brotliCompress(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }, done),
  ),
  gzip: promisify((bytes: Buffer, done: (error: Error | null, result: Buffer) => void) =>
    gzip(bytes, { level: 4 }, done),
  ),
}

/** Sends an answer: compressed where the client takes that, and 304 to a GET that has this very text already. */
export async function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, type, bytes, policy }: HttpAnswer,
): Promise<void> {
  const headers: Record<string, string | number> = {
    'content-type': `${type}; charset=utf-8`,
    'cache-control': policy === null ? 'no-store' : `${policy.scope.toLowerCase()}, max-age=${policy.maxAge}`,
    vary: 'accept, accept-encoding, authorization',
  }
  if (policy !== null) {
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`
    headers['etag'] = etag
    if (isUnchanged(request, etag)) {
      response.writeHead(304, headers).end()
      return
    }
  }
  const encoding =
    bytes.length < WORTHWHILE || request.headers['accept-encoding'] === undefined
      ? null
      : chooseEncoding(request)
  const body = encoding === null ? bytes : await compressors[encoding](bytes)
  if (encoding !== null) headers['content-encoding'] = encoding
  headers['content-length'] = body.length
  response.writeHead(status, headers).end(body)
}
