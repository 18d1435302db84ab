import type { IncomingMessage, ServerResponse } from 'node:http'

/** The request's body, or null when it is larger than `limit` bytes: nothing beyond the limit is kept. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    // Events, not an iterator: that is most of what a small request costs.
    const onData = (chunk: Buffer): void => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
      else stop(null)
    }
    const stop = (body: Buffer | null): void => {
      request.off('data', onData).pause()
      chunks.length = 0
      resolve(body)
    }
    if (Number(request.headers['content-length'] ?? 0) > limit) return resolve(null)
    request.on('data', onData)
    request.once('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)))
    request.once('error', reject)
    request.once('close', () => reject(new Error('The client left before its request was whole')))
  })
}

export function sendJson(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent || response.writableEnded) return
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  })
  response.end(text)
}

/** The one shape of an error outside GraphQL execution: the same that a GraphQL client reads. */
export function sendError(response: ServerResponse, status: number, code: string, message: string): void {
  sendJson(response, status, { errors: [{ message, extensions: { code } }] })
}
