import { read } from 'node:fs'
import type { OpenFile, OpenFiles } from './open-files.ts'
import type { ObjectPieces, ObjectRange } from './storage.ts'

const MIN_PIECE = 32 * 1_024
const MAX_PIECE = 256 * 1_024
/** What all readers of a process hold in memory together, as long as there are not so many that the smallest piece is more. */
const BUDGET = 16 * 1_024 * 1_024

/**
 * Reads ranges of files for those who send them on: one buffer a reader, filled anew for each piece, the smaller the more there are who
 * read at once. A reader counts until it is returned, so that a thousand who take their time hold 32 KiB each.
 */
export function createPieceReader(
  files: OpenFiles,
): (path: string, range: ObjectRange) => Promise<ObjectPieces> {
  let readers = 0

  return async (path, { first, last }) => {
    const file = await files.take(path)
    readers++
    let isOver = false
    const end = (): void => {
      if (isOver) return
      isOver = true
      readers--
      file.release()
    }
    let at = first
    const stop = Math.min(last, file.bytes - 1) + 1
    let buffer: Buffer | null = null

    const pieces: AsyncIterableIterator<Buffer> = {
      async next() {
        if (isOver || at >= stop) {
          end()
          return { done: true, value: undefined }
        }
        const share = Math.max(MIN_PIECE, Math.min(MAX_PIECE, Math.floor(BUDGET / readers)))
        buffer ??= Buffer.allocUnsafeSlow(Math.min(stop - at, share))
        try {
          const piece = buffer.subarray(0, await fill(file, buffer, at, Math.min(buffer.length, stop - at)))
          at += piece.length
          return { done: false, value: piece }
        } catch (error) {
          end()
          throw error
        }
      },
      async return() {
        end()
        return { done: true, value: undefined }
      },
      [Symbol.asyncIterator]: () => pieces,
    }
    return { bytes: file.bytes, pieces }
  }
}

/** How many bytes came; fewer than asked for is no fault, none at all is: the file was longer when it was opened. */
function fill({ fd }: OpenFile, buffer: Buffer, at: number, length: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, buffer, 0, length, at, (error, count) => {
      if (error !== null) reject(error)
      else if (count === 0) reject(new Error('A file ended before its length'))
      else resolve(count)
    })
  })
}
