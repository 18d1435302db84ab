import { finished, type Readable } from 'node:stream'
import { ZipFile } from 'yazl'

/** A file in an archive; its bytes are read once it is its turn. */
export interface ZipEntry {
  /** Without a slash at its beginning. */
  name: string
  /** In bytes: an archive fails whose file has any other number of them. */
  size: number
  read(): Promise<Readable>
}

/**
 * A ZIP archive as it is read, piece by piece: no file is in memory as a whole, and none is opened before its turn. Ends with the error of a file
 * that cannot be read; the file that is being read is let go of when the archive is.
 */
export function zip(entries: Iterable<ZipEntry>, at: Date): Readable {
  const archive = new ZipFile()
  const out = archive.outputStream as Readable
  const fail = (error: Error): void => void out.destroy(error)
  let current: Readable | null = null
  // yazl goes on reading for a reader that has gone.
  out.once('close', () => current?.destroy())
  archive.on('error', fail)
  for (const { name, size, read } of entries) {
    archive.addReadStreamLazy(name, { mtime: at, size }, (start) => {
      read().then((source) => {
        current = source
        finished(source, (cause) => cause && fail(new Error(`${name} cannot be read to its end`, { cause })))
        if (out.destroyed) source.destroy()
        else start(null, source)
      }, fail)
    })
  }
  archive.end()
  return out
}
