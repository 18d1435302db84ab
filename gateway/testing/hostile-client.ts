import { request } from 'node:http'
import type { HostileRequest } from './hostile.ts'

export interface Heard {
  status: number
  text: string
  /** From the first byte that was sent to the last one that came, in milliseconds. */
  ms: number
}

/** Posts a request on a connection of its own. Rejects only when it is not answered. */
export function post(
  url: string,
  { body, contentType = 'application/json' }: Omit<HostileRequest, 'name' | 'code'>,
): Promise<Heard> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const begun = performance.now()
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': contentType, 'content-length': bytes.length }
    const sent = request(url, { method: 'POST', headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text, ms: performance.now() - begun }),
      )
      response.on('error', reject)
    })
    // What is too large is refused before it was sent: the socket breaks, but not before the answer is there.
    sent.on('error', (error) => setTimeout(() => reject(error), 1_000))
    sent.end(bytes)
  })
}
