import { ImportFault } from '../import/import-fault.ts'
import { createArtworkMaker } from './artwork.ts'
import type { IngestOptions } from './ingest.ts'
import { type FileFault, hashOfPath, type MusicFiles } from './music-files.ts'
import type { MusicTracks } from './music-tracks.ts'
import { createFileReader } from './reading.ts'
import { createTagReader } from './tag-reader.ts'
import { type FoundFile, walkMusic } from './walk.ts'

/** What became of files: `left_out` have a fault, or are copies of others. */
export type FileCounts = Record<'files' | 'new' | 'changed' | 'moved' | 'unchanged' | 'left_out', number>

export interface Scan {
  counts: FileCounts
  /** Paths of the folder's tracks, by id. */
  paths: Map<string, string>
  /** The tracks whose files are new or were read again. */
  changed: Set<string>
}

const NOBODYS_FAULT = ['EACCES', 'EIO', 'ENOENT', 'EPERM']

/**
 * Looks at every file of the folder, then says which track each one is. Throws an ImportFault when the folder cannot be read, or nothing is in it
 * where there was something: a disk that is not there is no reason to forget all of it.
 */
export async function scanFolder(
  options: IngestOptions,
  { files, tracks, ffmpeg }: { files: MusicFiles; tracks: MusicTracks; ffmpeg: string },
): Promise<Scan> {
  const { folder, onFault } = options
  const root = Buffer.from(folder)
  const seen = await lookAtAll(options, files, ffmpeg)
  const counts: FileCounts = { files: seen.all, new: 0, changed: 0, moved: 0, unchanged: 0, left_out: 0 }
  const before = seen.all > 0 ? 0 : await files.countIn(root)
  if (before > 0)
    throw new ImportFault(
      `There is no music in ${folder}, and there were ${before} files: nothing is changed`,
    )
  await files.forget(root, new Set(seen.files.keys()))
  const { tracks: assigned, copies } = await tracks.assign()

  const trackOf = new Map(assigned.map((track) => [track.pathHash, track]))
  const paths = new Map<string, string>()
  const changed = new Set<string>()
  const leaveOut = (name: string, reason: string): void => {
    counts.left_out++
    onFault(name, reason)
  }
  for (const { name, reason } of seen.unread) leaveOut(name, reason)
  for (const [pathHash, { name, isRead, fault }] of seen.files) {
    const track = trackOf.get(pathHash)
    if (fault !== null) leaveOut(name, fault.message)
    else if (track === undefined)
      leaveOut(name, `It is the same file as ${copies.get(pathHash) ?? 'another'}`)
    else {
      const { id, how } = track
      counts[
        how !== 'SAME' ? (how.toLowerCase() as Lowercase<typeof how>) : isRead ? 'changed' : 'unchanged'
      ]++
      paths.set(id, name)
      if (isRead) changed.add(id)
    }
  }
  return { counts, paths, changed }
}

interface Looks {
  all: number
  /** By the hash of the path. */
  files: Map<string, { name: string; isRead: boolean; fault: FileFault | null }>
  /** What could not be looked at. */
  unread: { name: string; reason: string }[]
}

async function lookAtAll(options: IngestOptions, files: MusicFiles, ffmpeg: string): Promise<Looks> {
  const { folder, storage, scratch, onFault, signal } = options
  const tags = createTagReader()
  const artwork = createArtworkMaker({ ffmpeg: async () => ffmpeg, storage, scratch })
  const read = createFileReader({ tags, artwork, scratch, onFault })
  const looks: Looks = { all: 0, files: new Map(), unread: [] }

  async function look(found: FoundFile): Promise<void> {
    const name = found.path.toString('utf8')
    try {
      const seen = await files.see(found, () => read(found))
      looks.files.set(hashOfPath(found.path), { name, ...seen })
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException
      if (code === 'ENOSPC')
        throw new ImportFault(
          'There is no room left where audio is stored: make some, and run the same again',
        )
      if (!NOBODYS_FAULT.includes(code)) throw error
      looks.unread.push({ name, reason: message })
    }
  }

  try {
    for await (const found of walkMusic(folder)) {
      if (signal?.aborted === true)
        throw new ImportFault('Stopped. All files before are in: run the same again')
      looks.all++
      if ('reason' in found) looks.unread.push({ name: found.path.toString('utf8'), reason: found.reason })
      else await look(found)
    }
    return looks
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(code ?? ''))
      throw new ImportFault(`${folder} cannot be read: ${(error as Error).message}`, { cause: error })
    throw error
  } finally {
    await tags.close()
  }
}
