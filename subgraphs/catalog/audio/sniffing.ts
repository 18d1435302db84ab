import { type FileHandle, open } from 'node:fs/promises'

/** The demuxers of ffmpeg that an original may need, by the names ffmpeg has for them. */
export type Demuxer = 'flac' | 'ogg' | 'wav' | 'mp3' | 'mov'

/** What a file is by its first bytes, and whether its end is missing as far as its container tells. */
export interface Sniffed {
  demuxer: Demuxer
  isCut: boolean
  /** Bytes of tags in front of the sound, as far as that is known without reading them. */
  tagBytes: number
}

const HEAD = 64

/** Looks at what a file holds and not at what it is called; null for what is no audio of a kind we read. */
export async function sniff(path: string | Buffer): Promise<Sniffed | null> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const tagBytes = await id3Bytes(file)
    const head = await readAt(file, tagBytes, HEAD)
    const demuxer = demuxerOf(head, tagBytes > 0)
    return demuxer === null ? null : { demuxer, tagBytes, isCut: await isCut(file, demuxer, head, size) }
  } finally {
    await file.close()
  }
}

function demuxerOf(head: Buffer, hasId3: boolean): Demuxer | null {
  const text = head.toString('latin1')
  if (text.startsWith('fLaC')) return 'flac'
  if (text.startsWith('OggS')) return 'ogg'
  if (/^(RIFF|RF64)[\s\S]{4}WAVE/.test(text)) return 'wav'
  if (text.slice(4, 8) === 'ftyp') return 'mov'
  if (isFrameOfMp3(head)) return 'mp3'
  // Behind tags some encoders leave room before the first frame.
  return hasId3 && head.subarray(0, 16).every((byte) => byte === 0) ? 'mp3' : null
}

/** Eleven bits set, then a version, layer, bit rate and sample rate that exist. */
function isFrameOfMp3(head: Buffer): boolean {
  const [one = 0, two = 0, three = 0] = head
  const [version, layer, bitRate, sampleRate] = [(two >> 3) & 3, (two >> 1) & 3, three >> 4, (three >> 2) & 3]
  return one === 0xff && two >> 5 === 7 && version !== 1 && layer === 1 && bitRate !== 15 && sampleRate !== 3
}

/** How long the ID3v2 tags at the front are; several may follow each other. */
async function id3Bytes(file: FileHandle): Promise<number> {
  for (let at = 0; ; ) {
    const header = await readAt(file, at, 10)
    if (header.length < 10 || header.toString('latin1', 0, 3) !== 'ID3') return at
    const [a = 0, b = 0, c = 0, d = 0] = header.subarray(6)
    at += 10 + ((a & 127) << 21) + ((b & 127) << 14) + ((c & 127) << 7) + (d & 127)
  }
}

/** What the container promises and the file does not have. MP3 promises nothing here; FLAC is decoded to see. */
async function isCut(file: FileHandle, demuxer: Demuxer, head: Buffer, size: number): Promise<boolean> {
  if (demuxer === 'wav') return head.toString('latin1', 0, 4) === 'RIFF' && riffIsCut(head, size)
  if (demuxer === 'ogg') return oggIsCut(file, size)
  return demuxer === 'mov' && boxesAreCut(file, size)
}

/** 0 and 2^32-1 are what is written by who could not know the length. */
function riffIsCut(head: Buffer, size: number): boolean {
  const promised = head.readUInt32LE(4)
  return promised !== 0 && promised !== 0xffffffff && promised + 8 > size + 1
}

/** A page has at most 255 pieces of 255 bytes: the last one begins within that of the end, and must be whole. */
async function oggIsCut(file: FileHandle, size: number): Promise<boolean> {
  const from = Math.max(0, size - 65_307)
  const tail = await readAt(file, from, size - from)
  const last = tail.lastIndexOf('OggS')
  if (last === -1 || last + 27 > tail.length) return true
  const pieces = tail.readUInt8(last + 26)
  const lengths = tail.subarray(last + 27, last + 27 + pieces)
  return (
    lengths.length < pieces || last + 27 + pieces + lengths.reduce((sum, one) => sum + one, 0) > tail.length
  )
}

async function boxesAreCut(file: FileHandle, size: number): Promise<boolean> {
  for (let at = 0; at < size; ) {
    const header = await readAt(file, at, 16)
    if (header.length < 8) return true
    const short = header.readUInt32BE(0)
    if (short === 0) return false // to the end of the file
    const bytes = short === 1 && header.length === 16 ? Number(header.readBigUInt64BE(8)) : short
    if (bytes < 8 || at + bytes > size) return true
    at += bytes
  }
  return false
}

async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await file.read(buffer, 0, length, at)
  return buffer.subarray(0, bytesRead)
}
