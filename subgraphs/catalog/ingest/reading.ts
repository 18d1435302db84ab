import { readFile, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Scratch } from '#shared/storage/scratch.ts'
import { sniff } from '../audio/sniffing.ts'
import { readLrc } from '../lyrics/folder.ts'
import type { SongText } from '../lyrics/lyrics.ts'
import type { StoredPicture } from '../models.ts'
import type { ArtworkMaker } from './artwork.ts'
import type { Reading } from './music-files.ts'
import { albumFolder, namesOfPath } from './names.ts'
import type { TagReader } from './tag-reader.ts'
import { NO_TAGS } from './tags.ts'
import type { FoundFile } from './walk.ts'

const LARGEST_PICTURE = 20 * 1_024 * 1_024
/** Beyond any song's words and pictures: a bomb, and what it says is nothing. */
const MOST_TAG_BYTES = 64 * 1_024 * 1_024

/** Reads of files what they are and say, without decoding them. */
export function createFileReader(parts: {
  tags: TagReader
  artwork: ArtworkMaker
  scratch: Scratch
  /** Told of what lies beside a file and cannot be used. */
  onFault(path: string, reason: string): void
}) {
  const { tags, artwork, scratch, onFault } = parts
  const folderPictures = new Map<string, Promise<StoredPicture[]>>()

  function pictureOfFolder(path: Buffer): Promise<StoredPicture[]> {
    const key = path.toString('latin1')
    const known =
      folderPictures.get(key) ??
      readPicture(path).then((bytes) => (bytes === null ? [] : artwork.make(bytes)))
    folderPictures.set(key, known)
    return known
  }

  async function lyricsBeside(path: Buffer): Promise<SongText | null> {
    const lrc = await readLrc(path).catch((error: NodeJS.ErrnoException) => ({
      fault: `cannot be read (${error.code ?? error.message})`,
    }))
    if (!('fault' in lrc)) return lrc.lyrics
    onFault(path.toString('utf8'), lrc.fault)
    return null
  }

  return (file: FoundFile): Promise<Reading> =>
    scratch.use(async (folder) => {
      // Without an extension: what reads tags then looks at what the file holds and not at what it is called.
      const path = join(folder, 'original')
      await symlink(file.path, path)
      const sniffed = file.bytes === 0n ? null : await sniff(path)
      if (sniffed === null)
        return {
          fault: {
            code: 'NOT_AUDIO',
            message: file.bytes === 0n ? 'It is empty.' : 'It holds no audio of a kind that is read here.',
          },
        }
      if (sniffed.isCut) return { fault: { code: 'TRUNCATED', message: 'Its end is missing.' } }
      const read = sniffed.tagBytes > MOST_TAG_BYTES ? null : await tags.read(path)
      const own = read?.picture == null ? [] : await artwork.make(read.picture)
      const said = read?.tags ?? NO_TAGS
      const beside = file.lyrics === null ? null : await lyricsBeside(file.lyrics.path)
      return {
        words: {
          said: { ...said, lyrics: beside ?? said.lyrics },
          place: namesOfPath(file.parts),
          folder: albumFolder(file.path.toString('utf8', 0, file.path.lastIndexOf('/'))),
        },
        artwork: own.length > 0 || file.picture === null ? own : await pictureOfFolder(file.picture.path),
      }
    })
}

async function readPicture(path: Buffer): Promise<Buffer | null> {
  try {
    const { size } = await stat(path)
    return size > LARGEST_PICTURE ? null : await readFile(path)
  } catch {
    return null
  }
}
