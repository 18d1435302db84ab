import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ByteRange, readRange } from './byte-range.ts'
import { flushed } from './flushed.ts'

/** An immutable file as the edge sends it. */
export interface AudioFile {
  /** Bytes. */
  size: number
  /** A strong validator, quotes included. */
  etag: string
  /**
   * The bytes of a range, piece by piece, each good until the next is asked for; whoever asks for them reads to the end or calls
   * `return`. What is not there, or not as it was packaged, throws here or with the first piece.
   */
  read(range: ByteRange): Promise<AsyncIterableIterator<Buffer>>
  /** Throws the same without reading. */
  check(): Promise<void>
}

const TYPE = 'audio/mp4'

/** One part of a body: bytes of ours, or bytes of the file. */
type Part = Buffer | ByteRange

/**
 * Answers a GET or HEAD for an immutable file: whole (200), one range or several (206), 304 or 416, as RFC 9110 has it, with `headers`
 * (names and values in turn) beside its own. Sends only as fast as the client reads, and stops reading when it leaves. Throws an
 * ObjectMissing (or a wrong length) before anything is sent.
 */
export async function sendAudio(
  request: IncomingMessage,
  response: ServerResponse,
  file: AudioFile,
  headers: readonly string[],
): Promise<void> {
  const shared = [...headers, 'accept-ranges', 'bytes', 'etag', file.etag]
  const kept = [...shared, 'cache-control', 'public, max-age=31536000, immutable']
  const { range, 'if-none-match': known, 'if-range': condition } = request.headers
  if (matches(known, file.etag)) {
    response.writeHead(304, kept).end()
    return
  }
  // Ranges are defined for GET alone, and a condition that is not our validator asks for the whole.
  const isRange = request.method === 'GET' && (condition === undefined || condition === file.etag)
  const answer = readRange(isRange ? range : undefined, file.size)
  if (answer.kind === 'UNSATISFIABLE') {
    const refusal = ['cache-control', 'no-store', 'content-range', `bytes */${file.size}`]
    response.writeHead(416, [...shared, ...refusal, 'content-length', '0']).end()
    return
  }
  const { status, parts, head } = bodyOf(answer, file.size)
  const length = parts.reduce((sum, part) => sum + lengthOf(part), 0)
  const sendHead = (): void =>
    void response.writeHead(status, [...kept, ...head, 'content-length', String(length)])
  if (request.method === 'HEAD') {
    await file.check()
    sendHead()
    response.end()
    return
  }
  const [only] = parts
  // One range, as nearly everybody asks: without a generator between file and socket.
  const bytes =
    parts.length === 1 && !Buffer.isBuffer(only) ? await file.read(only as ByteRange) : joined(file, parts)
  try {
    const { value: first } = await bytes.next() // what is not there is found out before anything is sent
    sendHead()
    await (first?.length === length ? sendOnly(response, first) : sendAll(response, first, bytes))
  } finally {
    await bytes.return?.()
  }
}

/** Head and body in one write. */
function sendOnly(response: ServerResponse, piece: Buffer): Promise<void> {
  return flushed(response, (done) => response.end(piece, done))
}

/** Piece after piece, each once the one before has left us. */
async function sendAll(
  response: ServerResponse,
  first: Buffer,
  rest: AsyncIterableIterator<Buffer>,
): Promise<void> {
  await flushed(response, (done) => response.write(first, done))
  for await (const piece of rest) await flushed(response, (done) => response.write(piece, done))
  response.end()
}

function bodyOf(
  answer: Exclude<ReturnType<typeof readRange>, { kind: 'UNSATISFIABLE' }>,
  size: number,
): { status: number; head: string[]; parts: Part[] } {
  if (answer.kind === 'WHOLE')
    return { status: 200, head: ['content-type', TYPE], parts: [{ first: 0, last: size - 1 }] }
  const [only, ...others] = answer.ranges
  if (others.length === 0) {
    const head = ['content-type', TYPE, 'content-range', rangeText(only, size)]
    return { status: 206, head, parts: [only] }
  }
  const boundary = randomBytes(12).toString('hex')
  const parts = answer.ranges.flatMap((range, index) => [
    Buffer.from(
      `${index === 0 ? '' : '\r\n'}--${boundary}\r\ncontent-type: ${TYPE}\r\ncontent-range: ${rangeText(range, size)}\r\n\r\n`,
    ),
    range,
  ])
  return {
    status: 206,
    head: ['content-type', `multipart/byteranges; boundary=${boundary}`],
    parts: [...parts, Buffer.from(`\r\n--${boundary}--\r\n`)],
  }
}
/** The parts as one, a text with what it stands before: when the first piece is there, so is what it was read from. */
async function* joined(file: AudioFile, parts: readonly Part[]): AsyncGenerator<Buffer> {
  let text: Buffer | null = null
  for (const part of parts) {
    if (Buffer.isBuffer(part)) {
      text = part
      continue
    }
    for await (const piece of await file.read(part)) {
      yield text === null ? piece : Buffer.concat([text, piece])
      text = null
    }
  }
  if (text !== null) yield text
}

/** If-None-Match compares weakly: ours is strong, so the text after `W/` decides. */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag)
}

function lengthOf(part: Part): number {
  return Buffer.isBuffer(part) ? part.length : part.last - part.first + 1
}

function rangeText({ first, last }: ByteRange, size: number): string {
  return `bytes ${first}-${last}/${size}`
}
