import { pipeline, Readable } from 'node:stream'
import { crc32, createDeflateRaw } from 'node:zlib'

/** A file in an archive; its bytes are read once it is its turn. */
export interface ZipEntry {
  /** ASCII, without a slash at its beginning. */
  name: string
  read(): Promise<AsyncIterable<Uint8Array> | Iterable<Uint8Array>>
}

const VERSION = 20
/** Sizes and checksum follow the bytes; the name is UTF-8. */
const FLAGS = 0x0808
const DEFLATED = 8
const MOST_BYTES = 0xffff_ffff

/**
 * A ZIP archive as it is read, piece by piece (PKWARE APPNOTE 6.3, without ZIP64): no file is in memory as a whole. RangeError beyond 4 GiB
 * in all, which such an archive cannot say.
 */
export async function* zip(entries: Iterable<ZipEntry>, at: Date): AsyncGenerator<Uint8Array> {
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, read } of entries) {
    const start = offset
    const header = Buffer.concat([localHeader(name, at), Buffer.from(name)])
    yield header
    offset += header.length
    const sums = { crc: 0, bytes: 0, packed: 0 }
    for await (const chunk of deflate(await read(), sums)) {
      yield chunk
      offset += chunk.length
    }
    const descriptor = Buffer.alloc(16)
    descriptor.writeUInt32LE(0x08074b50, 0)
    writeSums(descriptor, 4, sums)
    yield descriptor
    offset += descriptor.length
    if (offset > MOST_BYTES || sums.bytes > MOST_BYTES) throw new RangeError('An archive has at most 4 GiB')
    directory.push(directoryEntry(name, at, sums, start))
  }
  const list = Buffer.concat(directory)
  yield Buffer.concat([list, endOfDirectory(directory.length, list.length, offset)])
}

interface Sums {
  crc: number
  bytes: number
  packed: number
}

async function* deflate(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  sums: Sums,
): AsyncGenerator<Buffer> {
  async function* measured(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      sums.crc = crc32(chunk, sums.crc)
      sums.bytes += chunk.length
      yield chunk
    }
  }
  const packer = createDeflateRaw()
  // What goes wrong is told to whoever reads the packer.
  pipeline(Readable.from(measured(), { objectMode: false }), packer, () => undefined)
  for await (const chunk of packer as AsyncIterable<Buffer>) {
    sums.packed += chunk.length
    yield chunk
  }
}

function localHeader(name: string, at: Date): Buffer {
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  writeCommon(header, 4, at)
  header.writeUInt16LE(name.length, 26)
  return header
}

function directoryEntry(name: string, at: Date, sums: Sums, start: number): Buffer {
  const entry = Buffer.alloc(46)
  entry.writeUInt32LE(0x02014b50, 0)
  entry.writeUInt16LE(VERSION, 4)
  writeCommon(entry, 6, at)
  writeSums(entry, 16, sums)
  entry.writeUInt16LE(name.length, 28)
  entry.writeUInt32LE(start, 42)
  return Buffer.concat([entry, Buffer.from(name)])
}

function writeCommon(buffer: Buffer, offset: number, at: Date): void {
  buffer.writeUInt16LE(VERSION, offset)
  buffer.writeUInt16LE(FLAGS, offset + 2)
  buffer.writeUInt16LE(DEFLATED, offset + 4)
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1)
  const date = ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate()
  buffer.writeUInt16LE(time, offset + 6)
  buffer.writeUInt16LE(date, offset + 8)
}

function writeSums(buffer: Buffer, offset: number, { crc, bytes, packed }: Sums): void {
  buffer.writeUInt32LE(crc, offset)
  buffer.writeUInt32LE(packed, offset + 4)
  buffer.writeUInt32LE(bytes, offset + 8)
}

function endOfDirectory(count: number, bytes: number, offset: number): Buffer {
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(count, 8)
  end.writeUInt16LE(count, 10)
  end.writeUInt32LE(bytes, 12)
  end.writeUInt32LE(offset, 16)
  return end
}
