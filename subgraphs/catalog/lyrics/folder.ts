import { opendir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, relative } from 'node:path'
import { decodeText } from '../import/decode-text.ts'
import { ImportFault } from '../import/import-fault.ts'
import { type Lrc, parseLrc } from './lrc.ts'
import type { SongText } from './lyrics.ts'

export const MAX_LRC_BYTES = 512 * 1024

/** An LRC file, and what it says of the recording it is for. */
export interface LrcFile {
  /** Within the folder. */
  path: string
  lyrics: SongText
  title: string
  artist: string | null
  /** The names of the folders it lies in, the innermost first: often album and artist. */
  folders: string[]
}

// "03 - Ann - Night", "03. Night", "Ann - Night", "Night"
const NAME = /^(?:\d{1,3}(?:[ ._-]+(?=\S)))?(?:(.+?)\s+-\s+)?(.+)$/

/**
 * Every LRC file under a folder that has words in it, in no order. Links are not followed, so that no loop is walked. What is too large, cannot be
 * read or has no words goes to `onFault`.
 */
export async function* readLrcFolder(
  folder: string,
  onFault: (path: string, reason: string) => void,
): AsyncGenerator<LrcFile> {
  for await (const path of walk(folder)) {
    const name = relative(folder, path)
    const read = await readLrcFile(path).catch((error: NodeJS.ErrnoException) => ({
      fault: `cannot be read (${error.code ?? error.message})`,
    }))
    if ('fault' in read) onFault(name, read.fault)
    else yield { ...read, path: name, folders: [basename(dirname(path)), basename(dirname(dirname(path)))] }
  }
}

async function* walk(folder: string): AsyncGenerator<string> {
  const entries = await opendir(folder).catch((error: NodeJS.ErrnoException) => {
    throw new ImportFault(`${folder} cannot be read: ${error.code ?? error.message}`)
  })
  for await (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* walk(path)
    else if (entry.isFile() && extname(entry.name).toLowerCase() === '.lrc') yield path
  }
}

async function readLrcFile(path: string): Promise<Omit<LrcFile, 'path' | 'folders'> | { fault: string }> {
  const lrc = await readLrc(path)
  if ('fault' in lrc) return lrc
  const [, artist = null, title = ''] = NAME.exec(basename(path, extname(path))) ?? []
  return { lyrics: lrc.lyrics, title: lrc.title ?? title, artist: lrc.artist ?? artist }
}

/** What an LRC file says, or why it says nothing. Rejects when it cannot be read. */
export async function readLrc(path: string | Buffer): Promise<Lrc | { fault: string }> {
  const { size } = await stat(path)
  if (size > MAX_LRC_BYTES) return { fault: `is larger than ${MAX_LRC_BYTES / 1024} KiB` }
  const text = decodeText(await readFile(path))
  if (text.includes('\0')) return { fault: 'is no text' }
  return parseLrc(text) ?? { fault: 'has no words in it' }
}
