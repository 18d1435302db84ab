import type { IncomingMessage } from 'node:http'

/** True only for a client that names HTML itself, as browsers do. Everything else at this address is the API's. */
export function acceptsHtml(request: IncomingMessage): boolean {
  return weightsOf(request.headers.accept).some(([type, weight]) => type === 'text/html' && weight > 0)
}

/** The smaller of the stored encodings that the client takes, or null for the plain file. */
export function chooseEncoding(request: IncomingMessage): 'br' | 'gzip' | null {
  const taken = weightsOf(request.headers['accept-encoding'])
  const takes = (name: string) => taken.some(([encoding, weight]) => encoding === name && weight > 0)
  if (takes('br')) return 'br'
  return takes('gzip') ? 'gzip' : null
}

/** Whether the client holds this very version already. */
export function isUnchanged(request: IncomingMessage, etag: string): boolean {
  const held = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? []
  return held.includes(etag) || held.includes('*')
}

/** `a;q=0.5, b` as [['a', 0.5], ['b', 1]]. */
function weightsOf(header: string | string[] | undefined): [name: string, weight: number][] {
  return String(header ?? '')
    .split(',')
    .map((part) => {
      const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase())
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
      return [name, weight === undefined ? 1 : Number(weight)]
    })
}
