import { createHmac, timingSafeEqual } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { sendError } from '../bodies.ts'
import type { Scratch } from './scratch.ts'
import { checkKey, type ObjectStorage, type UploadPermit } from './storage.ts'

interface FileUploadOptions {
  secret: string
  publicUrl: string
  scratch: Scratch
  moveIn(key: string, path: string): Promise<void>
}

const PATH = '/uploads/'

/** Pages of any site may upload: the address is the credential, and no cookie is looked at. */
const FOR_PAGES = { 'access-control-allow-origin': '*', 'cache-control': 'no-store' } as const

/** What S3 does for its own: addresses signed with HMAC-SHA256 over key, length and end, and the handler that takes what is put there. */
export function createFileUploads(options: FileUploadOptions): Pick<ObjectStorage, 'presignPut' | 'handler'> {
  const { secret, publicUrl, scratch, moveIn } = options
  const sign = (key: string, bytes: string, expires: string): string =>
    createHmac('sha256', secret).update(`PUT ${key} ${bytes} ${expires}`).digest('base64url')

  async function take(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const key = url.pathname.slice(PATH.length)
    const [bytes, expires, signature] = ['bytes', 'expires', 'signature'].map(
      (name) => url.searchParams.get(name) ?? '',
    )
    if (!isSame(signature ?? '', sign(key, bytes ?? '', expires ?? '')))
      return refuse(request, response, 403, 'This address was not signed here')
    if (Number(expires) * 1_000 <= Date.now())
      return refuse(request, response, 403, 'This address has expired')
    if (request.headers['content-length'] !== bytes)
      return refuse(
        request,
        response,
        411,
        `This address is for ${bytes} bytes, and content-length must say so`,
      )
    // HTTP itself keeps a body to its length: one that is cut off ends the pipeline with an error.
    await scratch.use(async (folder) => {
      const path = join(folder, 'upload')
      await pipeline(request, createWriteStream(path))
      await moveIn(checkKey(key), path)
    })
    response.writeHead(200, { 'content-length': 0 }).end()
  }

  return {
    async presignPut(key, { bytes, expiresAt }: UploadPermit) {
      const expires = String(Math.floor(expiresAt.getTime() / 1_000))
      const signature = sign(checkKey(key), String(bytes), expires)
      return `${publicUrl}${PATH}${key}?bytes=${bytes}&expires=${expires}&signature=${signature}`
    },
    handler(request, response) {
      if (request.url?.startsWith(PATH) !== true) return false
      response.setHeaders(new Map(Object.entries(FOR_PAGES)))
      if (request.method === 'OPTIONS') {
        response.writeHead(204, {
          'access-control-allow-methods': 'PUT, OPTIONS',
          'access-control-allow-headers': 'Content-Type',
          'access-control-max-age': '86400',
        })
        response.end()
        return true
      }
      if (request.method !== 'PUT') {
        refuse(request, response, 405, 'An upload is a PUT')
        return true
      }
      take(request, response, new URL(request.url, 'http://storage')).catch(
        (error: NodeJS.ErrnoException) => {
          const isFull = error.code === 'ENOSPC' || error.code === 'EDQUOT'
          refuse(
            request,
            response,
            isFull ? 507 : 500,
            isFull ? 'There is no room for it' : 'It could not be stored',
          )
        },
      )
      return true
    },
  }
}

/** What is left of the body is not read: the connection ends after the answer. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number, message: string): void {
  response.setHeader('connection', 'close')
  sendError(response, status, status >= 500 ? 'UNAVAILABLE' : 'BAD_USER_INPUT', message)
  request.resume()
  setTimeout(() => request.destroy(), 5_000).unref()
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)]
  return one.length === other.length && timingSafeEqual(one, other)
}
