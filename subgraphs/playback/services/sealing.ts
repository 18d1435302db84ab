import { createCipheriv } from 'node:crypto'
import type { Rendition } from './audio-asset.ts'
import type { ByteRange } from './byte-range.ts'
import type { Quality } from './quality.ts'

const BLOCK = 16

/** What of a file lies where before and after it is sealed: its header as it is, each segment encrypted by itself. */
interface Part {
  /** In the file as packaged. */
  clear: ByteRange
  /** In the file as served. */
  sealed: ByteRange
  /** The number of the segment; null for the header. */
  sequence: number | null
}

/** Which qualities are served encrypted. */
export function isSealed(quality: Quality): boolean {
  return quality === 'HIGH' || quality === 'LOSSLESS'
}

/**
 * The layout of a rendition as it is served sealed (HLS METHOD=AES-128, RFC 8216, section 4.3.2.4): padding makes each segment 1 to 16
 * bytes longer. It follows from the packaged layout alone, so a renewal finds every byte where it was.
 */
export function sealedLayout(rendition: Rendition): Rendition {
  const parts = partsOf(rendition)
  const segments = rendition.segments.map((segment, index) => {
    const { first, last } = (parts[index + 1] as Part).sealed
    return { ...segment, offset: first, bytes: last - first + 1 }
  })
  return { ...rendition, segments, bytes: (parts.at(-1) as Part).sealed.last + 1 }
}

/**
 * The bytes of `range` of the sealed file, encrypted as they are read: CBC begins anew with each segment, whose number is the first
 * block's IV, so what comes is the same bytes every time, and a range costs at most one segment more than it has.
 */
export async function* sealedBytes(
  rendition: Rendition,
  key: Buffer,
  range: ByteRange,
  read: (range: ByteRange) => Promise<AsyncIterable<Buffer>>,
): AsyncGenerator<Buffer> {
  for (const { clear, sealed, sequence } of partsOf(rendition)) {
    if (sealed.last < range.first || sealed.first > range.last) continue
    const from = Math.max(0, range.first - sealed.first)
    const to = Math.min(sealed.last, range.last) - sealed.first + 1
    if (sequence === null) yield* await read({ first: clear.first + from, last: clear.first + to - 1 })
    else yield* within(encrypted(await read(clear), key, sequence), from, to)
  }
}

/** Header and segments lie behind one another, as they do in what is packaged; what lies behind the last is not served. */
function partsOf({ initBytes, segments }: Rendition): Part[] {
  const header = { first: 0, last: initBytes - 1 }
  const parts: Part[] = [{ clear: header, sealed: header, sequence: null }]
  let end = initBytes
  for (const [sequence, { offset, bytes }] of segments.entries()) {
    const padded = bytes - (bytes % BLOCK) + BLOCK
    const clear = { first: offset, last: offset + bytes - 1 }
    parts.push({ clear, sealed: { first: end, last: end + padded - 1 }, sequence })
    end += padded
  }
  return parts
}

async function* encrypted(
  clear: AsyncIterable<Buffer>,
  key: Buffer,
  sequence: number,
): AsyncGenerator<Buffer> {
  const iv = Buffer.alloc(BLOCK)
  iv.writeUInt32BE(sequence, BLOCK - 4)
  const cipher = createCipheriv('aes-128-cbc', key, iv)
  let held: Buffer | null = null // so that the padding goes with the last of it and not behind it, as a write of its own
  for await (const chunk of clear) {
    if (held !== null) yield held
    held = cipher.update(chunk)
  }
  yield Buffer.concat([held ?? Buffer.alloc(0), cipher.final()])
}

/** The bytes from `from` to before `to`; what lies behind is not asked for. */
async function* within(chunks: AsyncIterable<Buffer>, from: number, to: number): AsyncGenerator<Buffer> {
  let at = 0
  for await (const chunk of chunks) {
    const piece = chunk.subarray(Math.max(0, from - at), Math.max(0, to - at))
    if (piece.length > 0) yield piece
    at += chunk.length
    if (at >= to) return
  }
}
