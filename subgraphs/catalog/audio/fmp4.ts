import { type FileHandle, open } from 'node:fs/promises'
import { AudioError } from './audio-error.ts'
import { field, find, readBody, readBox } from './mp4-boxes.ts'

/** A piece of the file a player fetches by range: one moof and its mdat. Times in ms, rounded to a thousandth. */
export interface Segment {
  offset: number
  bytes: number
  durationMs: number
}

/** Where a fragmented MP4 of one track can be cut: the first `initBytes` bytes, then the segments, without a gap. */
export interface Fmp4Layout {
  bytes: number
  initBytes: number
  segments: Segment[]
  durationMs: number
}

/**
 * Reads the boxes of a fragmented MP4 (ISO/IEC 14496-12). FILE_BROKEN if it is cut, has a hole in time, or is not such a file;
 * only a cut exactly between two segments looks whole, so compare the duration too.
 */
export async function readFmp4(path: string): Promise<Fmp4Layout> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    return await readLayout(file, size, path)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new AudioError('FILE_BROKEN', `${path} is not whole: a box is shorter than what it should hold.`)
  } finally {
    await file.close()
  }
}

async function readLayout(file: FileHandle, size: number, path: string): Promise<Fmp4Layout> {
  const broken = (why: string): AudioError => new AudioError('FILE_BROKEN', `${path} is not whole: ${why}.`)
  const segments: Segment[] = []
  let timescale = 0
  let defaultTicks = 0
  let initBytes = 0
  let ticks = 0
  let pending: { start: number; ticks: number; payload: number } | null = null

  let offset = 0
  let start = 0 // where the current segment begins: with whatever stands before its moof
  while (offset < size) {
    const box = await readBox(file, offset, size)
    if (box === null) throw broken(`the box at byte ${offset} runs past the end (${size} bytes)`)
    if (offset === 0 && box.type !== 'ftyp') throw broken(`it begins with "${box.type}", not "ftyp"`)
    offset += box.bytes

    if (box.type === 'moov') {
      const moov = await readBody(file, box)
      timescale = readTimescale(moov)
      defaultTicks = field(moov, ['mvex', 'trex'], 12)
      if (timescale === 0) throw broken('its moov names no timescale')
      start = initBytes = offset
    } else if (box.type === 'moof') {
      if (pending !== null)
        throw broken(`the moof at byte ${box.offset} follows another without media between`)
      if (initBytes === 0) throw broken('a moof comes before the moov')
      const fragment = readFragment(await readBody(file, box), defaultTicks)
      if (fragment.startTicks !== ticks)
        throw broken(`the fragment at byte ${box.offset} does not begin where the last one ended`)
      pending = { start, ticks: fragment.ticks, payload: fragment.payload }
    } else if (box.type === 'mdat') {
      if (pending === null) throw broken(`the mdat at byte ${box.offset} has no moof before it`)
      if (box.bytes < pending.payload + 8)
        throw broken(`the mdat at byte ${box.offset} is smaller than its samples`)
      segments.push({
        offset: pending.start,
        bytes: offset - pending.start,
        durationMs: milliseconds(pending.ticks, timescale),
      })
      ticks += pending.ticks
      pending = null
      start = offset
    }
  }
  if (pending !== null) throw broken('the last moof has no mdat')
  if (segments.length === 0) throw broken('it has no fragments')
  return { bytes: size, initBytes, segments, durationMs: milliseconds(ticks, timescale) }
}

function milliseconds(ticks: number, timescale: number): number {
  return Math.round((ticks * 1_000_000) / timescale) / 1_000
}

function readTimescale(moov: Buffer): number {
  const header = find(moov, ['trak', 'mdia', 'mdhd'])
  return header === null ? 0 : header.readUInt32BE(header.readUInt8(0) === 1 ? 20 : 12)
}

/** When a fragment starts, how long its samples last (in ticks), and how many bytes of media they need. */
function readFragment(
  moof: Buffer,
  trackTicks: number,
): { startTicks: number; ticks: number; payload: number } {
  const traf = find(moof, ['traf']) ?? Buffer.alloc(0)
  const defaults = readHeader(find(traf, ['tfhd']) ?? Buffer.alloc(8), trackTicks)
  const time = find(traf, ['tfdt'])
  const startTicks =
    time === null ? -1 : time.readUInt8(0) === 1 ? Number(time.readBigUInt64BE(4)) : time.readUInt32BE(4)

  const run = find(traf, ['trun']) ?? Buffer.alloc(8)
  const flags = run.readUInt32BE(0) & 0xffffff
  const count = run.readUInt32BE(4)
  let at = 8 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0)
  let ticks = 0
  let payload = 0
  for (let sample = 0; sample < count; sample++) {
    ticks += flags & 0x100 ? run.readUInt32BE(at) : defaults.ticks
    if (flags & 0x100) at += 4
    payload += flags & 0x200 ? run.readUInt32BE(at) : defaults.bytes
    if (flags & 0x200) at += 4
    at += (flags & 0x400 ? 4 : 0) + (flags & 0x800 ? 4 : 0)
  }
  return { startTicks, ticks, payload }
}

/** The defaults a fragment header sets for its samples; which fields are there is told by its flags. */
function readHeader(header: Buffer, trackTicks: number): { ticks: number; bytes: number } {
  const flags = header.readUInt32BE(0) & 0xffffff
  let at = 8 + (flags & 0x1 ? 8 : 0) + (flags & 0x2 ? 4 : 0)
  const ticks = flags & 0x8 ? header.readUInt32BE(at) : trackTicks
  if (flags & 0x8) at += 4
  return { ticks, bytes: flags & 0x10 ? header.readUInt32BE(at) : 0 }
}
