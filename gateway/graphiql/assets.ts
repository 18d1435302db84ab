import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { HttpHandler } from '#shared/room.ts'
import { acceptsHtml, chooseEncoding, isUnchanged } from '../negotiation.ts'

interface Asset {
  type: string
  etag: string
}

interface Manifest {
  page: string
  files: Record<string, Asset>
}

export interface GraphiqlAssetsOptions {
  /** Where the bundle was written to. */
  folder?: string
  /** Origins besides our own that streams and artwork come from, such as `https://cdn.example`. */
  mediaOrigins?: readonly string[]
}

const BUNDLE = fileURLToPath(new URL('../generated/graphiql', import.meta.url))
const PAGE_PATH = '/graphql'
const FILES_PATH = '/graphiql/'

/**
 * Serves the bundled page at `GET /graphql` to browsers, and its files below `/graphiql/`. Only names in the bundle's
 * manifest exist. Throws when the page was never bundled.
 */
export function createGraphiqlAssets({
  folder = BUNDLE,
  mediaOrigins = [],
}: GraphiqlAssetsOptions = {}): HttpHandler {
  const manifest = readManifest(folder)
  const policy = contentSecurityPolicy(mediaOrigins)
  const contents = new Map<string, Promise<Buffer>>()

  function load(name: string): Promise<Buffer> {
    let loaded = contents.get(name)
    if (!loaded) {
      loaded = readFile(join(folder, name))
      // A file that could not be read is tried again by the next request.
      loaded.catch(() => contents.delete(name))
      contents.set(name, loaded)
    }
    return loaded
  }

  async function serve(request: IncomingMessage, response: ServerResponse, name: string, asset: Asset) {
    const isPage = name === manifest.page
    const headers: OutgoingHttpHeaders = {
      'cache-control': isPage ? 'no-cache' : 'public, max-age=31536000, immutable',
      'content-security-policy': policy,
      'cross-origin-resource-policy': 'same-origin',
      etag: asset.etag,
      'referrer-policy': 'no-referrer',
      vary: isPage ? 'accept, accept-encoding' : 'accept-encoding',
      'x-content-type-options': 'nosniff',
    }
    if (isUnchanged(request, asset.etag)) return void response.writeHead(304, headers).end()
    const encoding = chooseEncoding(request)
    const body = await load(encoding ? `${name}.${encoding === 'gzip' ? 'gz' : 'br'}` : name)
    if (encoding) headers['content-encoding'] = encoding
    response.writeHead(200, { ...headers, 'content-type': asset.type, 'content-length': body.length })
    response.end(request.method === 'HEAD' ? undefined : body)
  }

  return (request, response) => {
    const [path = '', search] = (request.url ?? '').split('?', 2)
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (path.startsWith(FILES_PATH)) {
      const name = path.slice(FILES_PATH.length)
      const asset = Object.hasOwn(manifest.files, name) ? manifest.files[name] : undefined
      if (!asset || name === manifest.page) refuse(response, 404, 'There is no such file.')
      else if (!isRead) refuse(response, 405, 'Files can only be read.', { allow: 'GET, HEAD' })
      else settle(serve(request, response, name, asset), response)
      return true
    }
    const page = manifest.files[manifest.page]
    const isForPage = path === PAGE_PATH && isRead && acceptsHtml(request)
    if (!page || !isForPage || new URLSearchParams(search).has('query')) return false
    settle(serve(request, response, manifest.page, page), response)
    return true
  }
}

function readManifest(folder: string): Manifest {
  try {
    return JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest
  } catch (cause) {
    throw new Error(`GraphiQL is not bundled in ${folder}: run gateway/graphiql/bundle.mjs`, { cause })
  }
}

/** Everything from this origin. Monaco writes style elements and attributes, hls.js plays from blobs it makes itself. */
function contentSecurityPolicy(mediaOrigins: readonly string[]): string {
  const media = mediaOrigins.map((origin) => ` ${origin}`).join('')
  return [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "font-src 'self'",
    `img-src 'self' data:${media}`,
    `connect-src 'self'${media}`,
    `media-src 'self' blob:${media}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

function settle(served: Promise<void>, response: ServerResponse): void {
  served.catch(() => {
    if (response.headersSent) response.destroy()
    else refuse(response, 500, 'The file could not be read.')
  })
}

function refuse(
  response: ServerResponse,
  status: number,
  reason: string,
  headers: OutgoingHttpHeaders = {},
): void {
  const shared = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }
  response.writeHead(status, { ...shared, 'cache-control': 'no-store', ...headers }).end(`${reason}\n`)
}
