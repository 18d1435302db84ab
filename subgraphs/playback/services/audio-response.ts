import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type ByteRange, readRange } from './byte-range.ts'

/** An immutable file as the edge sends it. */
export interface AudioFile {
  /** Bytes. */
  size: number
  /** A strong validator, quotes included. */
  etag: string
  /** The bytes of a range. Throws when they are not there, or not as they were packaged, before any is read. */
  read(range: ByteRange): Promise<Readable>
  /** Throws the same without reading. */
  check(): Promise<void>
}

const TYPE = 'audio/mp4'

/** One piece of a body: bytes of ours, or bytes of the file. */
type Piece = Buffer | ByteRange

/**
 * Answers a GET or HEAD for an immutable file: whole (200), one range or several (206), 304 or 416, as RFC 9110 has it. Sends
 * only as fast as the client reads, and stops reading when it leaves. Throws an ObjectMissing (or a wrong length) before anything is sent.
 */
export async function sendAudio(
  request: IncomingMessage,
  response: ServerResponse,
  file: AudioFile,
): Promise<void> {
  const { headers } = request
  response.setHeader('accept-ranges', 'bytes')
  response.setHeader('cache-control', 'public, max-age=31536000, immutable')
  response.setHeader('etag', file.etag)
  if (matches(headers['if-none-match'], file.etag)) return end(response, 304)
  // Ranges are defined for GET alone, and a condition that is not our validator asks for the whole.
  const isRange =
    request.method === 'GET' && [undefined, file.etag].includes(headers['if-range'] as string | undefined)
  const answer = readRange(isRange ? headers.range : undefined, file.size)
  if (answer.kind === 'UNSATISFIABLE') {
    response.setHeader('cache-control', 'no-store')
    response.setHeader('content-range', `bytes */${file.size}`)
    return end(response, 416)
  }
  const { status, type, pieces, contentRange } = bodyOf(answer, file.size)
  if (request.method === 'HEAD') {
    await file.check()
    writeHead(response, status, type, pieces, contentRange)
    response.end()
    return
  }
  const first = await file.read(pieces.find((piece) => !Buffer.isBuffer(piece)) as ByteRange)
  try {
    writeHead(response, status, type, pieces, contentRange)
    // One range, as nearly everybody asks: without a generator between file and socket.
    await (pieces.length === 1 ? pipeline(first, response) : pipeline(bytesOf(file, pieces, first), response))
  } finally {
    first.destroy() // nobody may have asked for any of it
  }
}

function writeHead(
  response: ServerResponse,
  status: number,
  type: string,
  pieces: readonly Piece[],
  contentRange: string | null,
): void {
  response.setHeader('content-type', type)
  response.setHeader(
    'content-length',
    pieces.reduce((sum, piece) => sum + lengthOf(piece), 0),
  )
  if (contentRange !== null) response.setHeader('content-range', contentRange)
  response.writeHead(status)
}

function bodyOf(
  answer: Exclude<ReturnType<typeof readRange>, { kind: 'UNSATISFIABLE' }>,
  size: number,
): { status: number; type: string; contentRange: string | null; pieces: Piece[] } {
  if (answer.kind === 'WHOLE')
    return { status: 200, type: TYPE, contentRange: null, pieces: [{ first: 0, last: size - 1 }] }
  const [head, ...others] = answer.ranges
  if (others.length === 0)
    return { status: 206, type: TYPE, contentRange: rangeText(head, size), pieces: [head] }
  const boundary = randomBytes(12).toString('hex')
  const parts = answer.ranges.flatMap((range, index) => [
    Buffer.from(
      `${index === 0 ? '' : '\r\n'}--${boundary}\r\ncontent-type: ${TYPE}\r\ncontent-range: ${rangeText(range, size)}\r\n\r\n`,
    ),
    range,
  ])
  return {
    status: 206,
    type: `multipart/byteranges; boundary=${boundary}`,
    contentRange: null,
    pieces: [...parts, Buffer.from(`\r\n--${boundary}--\r\n`)],
  }
}

async function* bytesOf(file: AudioFile, pieces: readonly Piece[], first: Readable): AsyncGenerator<Buffer> {
  let opened: Readable | null = first
  for (const piece of pieces) {
    if (Buffer.isBuffer(piece)) yield piece
    else {
      yield* opened ?? (await file.read(piece))
      opened = null
    }
  }
}

/** If-None-Match compares weakly: ours is strong, so the text after `W/` decides. */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag)
}

function lengthOf(piece: Piece): number {
  return Buffer.isBuffer(piece) ? piece.length : piece.last - piece.first + 1
}

function rangeText({ first, last }: ByteRange, size: number): string {
  return `bytes ${first}-${last}/${size}`
}

function end(response: ServerResponse, status: number): void {
  if (status !== 304) response.setHeader('content-length', 0)
  response.writeHead(status).end()
}
