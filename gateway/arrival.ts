import type { IncomingMessage } from 'node:http'
import { isCountry } from '#shared/countries.ts'
import type { Arrival } from './caller.ts'
import { createProxies, customerOf, plainAddress } from './client-address.ts'

export interface ArrivalsOptions {
  /** Addresses and networks (CIDR) of proxies in front of the door; nothing that anybody else says about himself is believed. */
  trustedProxies: readonly string[]
  /** The header in which they say where a request comes from (ISO 3166-1 alpha-2), in lower case; null where none says it. */
  countryHeader: string | null
}

/** Nobody is in front of the door. */
export const NO_PROXIES: ArrivalsOptions = { trustedProxies: [], countryHeader: null }

/** Reads of requests who sends them. */
export interface Arrivals {
  overHttp(request: IncomingMessage): Arrival
  /** The same of a socket: browsers cannot set headers on one, so what the client says when it connects stands for them. */
  overSocket(request: IncomingMessage, parameters: Readonly<Record<string, unknown>> | undefined): Arrival
}

export function createArrivals({ trustedProxies, countryHeader }: ArrivalsOptions): Arrivals {
  const proxies = createProxies(trustedProxies)

  const overHttp = ({ headers, socket }: IncomingMessage): Arrival => {
    const peer = plainAddress(socket.remoteAddress ?? '')
    if (!proxies.trusts(peer)) return { headers, address: customerOf(peer), country: null }
    const { 'x-forwarded-for': forwardedFor } = headers
    const sender = proxies.senderOf(peer, forwardedFor === undefined ? undefined : String(forwardedFor))
    const said = countryHeader === null ? '' : String(headers[countryHeader] ?? '').toUpperCase()
    return { headers, address: customerOf(sender), country: isCountry(said) ? said : null }
  }

  return {
    overHttp,
    overSocket(request, parameters) {
      const arrival = overHttp(request)
      const said = Object.entries(parameters ?? {}).filter(([, value]) => typeof value === 'string')
      const headers = Object.fromEntries(said.map(([name, value]) => [name.toLowerCase(), String(value)]))
      const { authorization: _, cookie, ...handshake } = arrival.headers
      const own = cookie !== undefined && isOfOwnPage(request) ? { cookie } : {}
      return { ...arrival, headers: { ...handshake, ...own, ...headers } }
    },
  }
}

/** Browsers let any page open a socket, and send the cookies they have for us with it; the page they cannot be made to lie about. */
function isOfOwnPage({ headers: { origin, host } }: IncomingMessage): boolean {
  if (origin === undefined) return true
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase()
}
