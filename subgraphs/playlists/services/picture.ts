import { crc32 } from 'node:zlib'

export interface Picture {
  mediaType: 'image/jpeg' | 'image/png'
  width: number
  height: number
  /** What a viewer of it needs and nothing else: no place, no camera, no thumbnail, nothing behind the end. */
  bytes: Buffer
}

export const SMALLEST_SIDE = 100
export const LARGEST_SIDE = 4_096

/** A whole JPEG or PNG, 100-4,096 pixels a side, by what it holds and not by what it is called; null for anything else. */
export function readPicture(bytes: Buffer): Picture | null {
  const picture = bytes.subarray(0, 8).equals(PNG_SIGNATURE) ? readPng(bytes) : readJpeg(bytes)
  const sides = [picture?.width ?? 0, picture?.height ?? 0]
  return sides.every((side) => side >= SMALLEST_SIDE && side <= LARGEST_SIDE) ? picture : null
}

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const IHDR_LENGTH = 25
/** Pixels, palette, transparency and colour. */
const PNG_NEEDED = new Set(['IHDR', 'PLTE', 'IDAT', 'IEND', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'iCCP', 'sBIT'])

function readPng(bytes: Buffer): Picture | null {
  const kept: Buffer[] = [PNG_SIGNATURE]
  const names = new Set<string>()
  for (let at = PNG_SIGNATURE.length; at + 12 <= bytes.length; ) {
    const end = at + 12 + bytes.readUInt32BE(at)
    const name = bytes.toString('latin1', at + 4, at + 8)
    if (end > bytes.length) return null
    if (names.size === 0 && (name !== 'IHDR' || end - at !== IHDR_LENGTH)) return null
    if (crc32(bytes.subarray(at + 4, end - 4)) !== bytes.readUInt32BE(end - 4)) return null
    if (PNG_NEEDED.has(name)) kept.push(bytes.subarray(at, end))
    names.add(name)
    if (name === 'IEND') {
      if (!names.has('IDAT')) return null
      return {
        mediaType: 'image/png',
        width: bytes.readUInt32BE(16),
        height: bytes.readUInt32BE(20),
        bytes: Buffer.concat(kept),
      }
    }
    at = end
  }
  return null
}

const SOI = 0xd8
const EOI = 0xd9
const SOS = 0xda
/** Tables, frames, JFIF, colour profile and Adobe's note on colour. */
const isNeeded = (marker: number): boolean =>
  isFrame(marker) || [0xc4, 0xdb, 0xdd, SOS, 0xe0, 0xe2, 0xee].includes(marker)
/** Start of frame: it holds the size. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)

function readJpeg(bytes: Buffer): Picture | null {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) return null
  const kept: Buffer[] = [bytes.subarray(0, 2)]
  let size: { width: number; height: number } | null = null
  let hasScan = false
  for (let at = 2; at + 4 <= bytes.length || bytes[at + 1] === EOI; ) {
    const marker = bytes[at + 1] ?? 0
    if (bytes[at] !== 0xff) return null
    if (marker === 0xff) {
      at++ // fill
      continue
    }
    if (marker === EOI) {
      kept.push(bytes.subarray(at, at + 2))
      return size === null || !hasScan
        ? null
        : { mediaType: 'image/jpeg', ...size, bytes: Buffer.concat(kept) }
    }
    let end = at + 2 + bytes.readUInt16BE(at + 2)
    if (end > bytes.length || end < at + 4) return null
    if (isFrame(marker)) {
      if (size !== null || end < at + 9) return null
      size = { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) }
    }
    if (marker === SOS) {
      end = endOfScan(bytes, end)
      hasScan = true
    }
    if (isNeeded(marker)) kept.push(bytes.subarray(at, end))
    at = end
  }
  return null
}

/** Where the next marker stands: in a scan 0xff is followed by 0 or a restart. */
function endOfScan(bytes: Buffer, start: number): number {
  for (let at = bytes.indexOf(0xff, start); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1] ?? 0
    if (next !== 0 && (next < 0xd0 || next > 0xd7)) return at
  }
  return bytes.length
}
