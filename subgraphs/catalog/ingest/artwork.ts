import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Scratch } from '#shared/storage/scratch.ts'
import type { ObjectStorage } from '#shared/storage/storage.ts'
import { runFfmpeg } from '../audio/ffmpeg.ts'
import type { StoredPicture } from '../models.ts'

/** Makes stored artwork of pictures. */
export interface ArtworkMaker {
  /** The same picture in the sizes clients show, largest first, none larger than it is; empty when it is no JPEG or PNG that can be read. */
  make(picture: Uint8Array): Promise<StoredPicture[]>
}

const SIDES = [640, 300, 64]
const LARGEST_PIXELS = 100_000_000
const TIMEOUT_MS = 30_000

/** Pictures are decoded and drawn anew: what is stored has nothing in it but the picture. Equal pictures are stored once, by their hash. */
export function createArtworkMaker(options: {
  ffmpeg(): Promise<string>
  storage: ObjectStorage
  scratch: Scratch
}): ArtworkMaker {
  const { ffmpeg, storage, scratch } = options
  const known = new Map<string, Promise<StoredPicture[]>>()

  async function draw(picture: Uint8Array, id: string): Promise<StoredPicture[]> {
    const size = sizeOf(Buffer.from(picture))
    if (size === null || size.width * size.height > LARGEST_PIXELS) return []
    return scratch.use(async (folder) => {
      const source = join(folder, 'source')
      await writeFile(source, picture)
      const sizes = SIDES.map((side) => within(size, side))
      const drawn = sizes.filter(
        ({ width }, index) => sizes.findIndex((one) => one.width === width) === index,
      )
      const outputs = drawn.map(({ width, height }) => ({
        width,
        height,
        file: join(folder, `${width}.jpg`),
      }))
      try {
        await runFfmpeg(
          await ffmpeg(),
          [
            ...[
              '-v',
              'error',
              '-protocol_whitelist',
              'file,pipe',
              '-f',
              size.demuxer,
              '-i',
              `file:${source}`,
            ],
            ...outputs.flatMap(({ width, height, file }) => [
              ...[
                '-map',
                '0:v:0',
                '-frames:v',
                '1',
                '-vf',
                `scale=${width}:${height}:flags=lanczos,format=yuvj420p`,
              ],
              ...[
                '-q:v',
                '3',
                '-map_metadata',
                '-1',
                '-fflags',
                '+bitexact',
                '-flags:v',
                '+bitexact',
                '-f',
                'mjpeg',
                file,
              ],
            ]),
          ],
          { timeoutMs: TIMEOUT_MS },
        )
      } catch {
        return [] // it has the head of a picture and no body
      }
      const stored: StoredPicture[] = []
      for (const { width, height, file } of outputs) {
        const key = `artwork/${id}/${width}.jpg`
        await storage.put(key, await readFile(file))
        stored.push({ key, width, height })
      }
      return stored
    })
  }

  return {
    make(picture) {
      const id = createHash('sha256').update(picture).digest('hex').slice(0, 32)
      const drawing = known.get(id) ?? draw(picture, id)
      known.set(id, drawing)
      drawing.catch(() => known.delete(id))
      return drawing
    },
  }
}

interface Size {
  demuxer: 'jpeg_pipe' | 'png_pipe'
  width: number
  height: number
}

/** Within a square, and as wide as high as it is; both even, as the colours of a JPEG need it. */
function within({ width, height }: Size, side: number): { width: number; height: number } {
  const scale = Math.min(1, side / Math.max(width, height))
  const even = (length: number): number => Math.max(2, 2 * Math.round((length * scale) / 2))
  return { width: even(width), height: even(height) }
}

/** The size that a picture's head tells, before anything is decoded; null for what is neither JPEG nor PNG. */
function sizeOf(bytes: Buffer): Size | null {
  if (
    bytes.toString('latin1', 1, 4) === 'PNG' &&
    bytes.toString('latin1', 12, 16) === 'IHDR' &&
    bytes.length > 24
  )
    return sized('png_pipe', bytes.readUInt32BE(16), bytes.readUInt32BE(20))
  if (bytes.readUInt16BE(0) !== 0xffd8) return null
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1] as number
    // Start of frame: the three in between are tables.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return sized('jpeg_pipe', bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5))
    at += marker === 0xff ? 1 : 2 + bytes.readUInt16BE(at + 2)
  }
  return null
}

function sized(demuxer: Size['demuxer'], width: number, height: number): Size | null {
  return width > 0 && height > 0 ? { demuxer, width, height } : null
}
