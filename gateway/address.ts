import type { IncomingMessage } from 'node:http'

/** The path of a request, or null where the request line holds none that can be read (`//`, for one). */
export function pathOf(request: IncomingMessage): string | null {
  return addressOf(request)?.pathname ?? null
}

export function addressOf({ url = '/' }: IncomingMessage): URL | null {
  return URL.canParse(url, 'http://door') ? new URL(url, 'http://door') : null
}
