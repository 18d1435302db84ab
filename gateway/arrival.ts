import type { IncomingMessage } from 'node:http'
import type { Arrival } from './caller.ts'

/** What a request over HTTP says of who sends it. */
export function arrivalOf({ headers, socket }: IncomingMessage): Arrival {
  return { headers, address: socket.remoteAddress ?? '', country: null }
}

/** The same of a socket: browsers cannot set headers on one, so what the client says when it connects stands for them. */
export function arrivalOver(
  request: IncomingMessage,
  parameters: Readonly<Record<string, unknown>> | undefined,
): Arrival {
  const arrival = arrivalOf(request)
  const said = Object.entries(parameters ?? {}).filter(([, value]) => typeof value === 'string')
  const headers = Object.fromEntries(said.map(([name, value]) => [name.toLowerCase(), String(value)]))
  const { authorization: _, ...handshake } = arrival.headers
  return { ...arrival, headers: { ...handshake, ...headers } }
}
