import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { StoredPicture } from '../models.ts'
import type { PathNames } from './names.ts'
import type { FileTags } from './tags.ts'
import type { Companion, FoundFile } from './walk.ts'

/** What a file says of itself and where it lies, before anybody has looked at the others. */
export interface FileWords {
  said: FileTags
  place: PathNames
  /** The folder of its album, as text. */
  folder: string
}

/** Why a file is left out. */
export interface FileFault {
  code: string
  message: string
}

/** What was found out about a file that is new or has changed. */
export type Reading = { words: FileWords; artwork: StoredPicture[] } | { fault: FileFault }

/** The files of music folders as the database remembers them, by their paths. */
export interface MusicFiles {
  /** Compares a file with what is remembered, reading it only where that differs. */
  see(file: FoundFile, read: () => Promise<Reading>): Promise<{ isRead: boolean; fault: FileFault | null }>
  /**
   * Forgets what is not there any more: of what lay in the folder and was not seen, and of what has the content of something seen, wherever it lay.
   */
  forget(folder: Buffer, seen: ReadonlySet<string>): Promise<void>
  /** How many lay in a folder when it was last looked at. */
  countIn(folder: Buffer): Promise<number>
}

interface Row {
  pathHash: string
  path: Uint8Array
  contentHash: string
}

export function createMusicFiles(db: PrismaClient): MusicFiles {
  async function write(file: FoundFile, contentHash: string, reading: Reading): Promise<void> {
    const words = 'fault' in reading ? null : JSON.stringify(reading.words)
    const artwork = JSON.stringify('fault' in reading ? [] : reading.artwork)
    const fault = 'fault' in reading ? JSON.stringify(reading.fault) : null
    await db.$executeRaw`
      INSERT INTO music_file (path_hash, path, bytes, modified_ns, beside, content_hash, tags, artwork, fault)
      VALUES (${hashOfPath(file.path)}, ${file.path}, ${file.bytes}, ${file.modifiedNs}, ${stampOf(file)}, ${contentHash}, ${words}::text::jsonb,
              ${artwork}::text::jsonb, ${fault}::text::jsonb)
          ON CONFLICT (path_hash) DO UPDATE
         SET bytes = excluded.bytes, modified_ns = excluded.modified_ns, beside = excluded.beside, content_hash = excluded.content_hash,
             tags = excluded.tags, artwork = excluded.artwork, fault = excluded.fault`
  }

  return {
    async see(file, read) {
      const [known] = await db.$queryRaw<
        { bytes: bigint; modifiedNs: bigint; beside: string; fault: FileFault | null }[]
      >`
        SELECT bytes, modified_ns AS "modifiedNs", beside, fault FROM music_file WHERE path_hash = ${hashOfPath(file.path)}`
      const isSame = known?.bytes === file.bytes && known.modifiedNs === file.modifiedNs
      if (known !== undefined && isSame && known.beside === stampOf(file))
        return { isRead: false, fault: known.fault }
      const contentHash = await hashOfContent(file.path)
      const reading = await read()
      await write(file, contentHash, reading)
      return { isRead: true, fault: 'fault' in reading ? reading.fault : null }
    },

    async forget(folder, seen) {
      const rows = await db.$queryRaw<Row[]>`
        SELECT path_hash AS "pathHash", path, content_hash AS "contentHash" FROM music_file`
      const contents = new Set(
        rows.flatMap(({ pathHash, contentHash }) => (seen.has(pathHash) ? contentHash : [])),
      )
      const doubtful = rows.filter(
        ({ pathHash, path, contentHash }) =>
          !seen.has(pathHash) && (isIn(folder, path) || contents.has(contentHash)),
      )
      const gone: string[] = []
      for (const { pathHash, path } of doubtful) if (await isGone(path)) gone.push(pathHash)
      await db.$executeRaw`DELETE FROM music_file WHERE path_hash = ANY(${gone}::text[])`
    },

    async countIn(folder) {
      const inside = Buffer.concat([folder, SLASH])
      const [row] = await db.$queryRaw<{ files: number }[]>`
        SELECT count(*)::int AS files FROM music_file WHERE substring(path FROM 1 FOR ${inside.length}) = ${inside}`
      return row?.files ?? 0
    },
  }
}

const SLASH = Buffer.from('/')

function isIn(folder: Buffer, path: Uint8Array): boolean {
  const inside = Buffer.concat([folder, SLASH])
  return Buffer.compare(path.subarray(0, inside.length), inside) === 0
}

/** What cannot be looked at may be there: only what is certainly not is gone. */
async function isGone(path: Uint8Array): Promise<boolean> {
  try {
    await lstat(Buffer.from(path))
    return false
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')
  }
}

export function hashOfPath(path: Buffer): string {
  return createHash('sha256').update(path).digest('hex')
}

async function hashOfContent(path: Buffer): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** '' for a file that has nothing beside it. */
function stampOf({ picture, lyrics }: FoundFile): string {
  const stamp = (one: Companion | null): string =>
    one === null ? '' : `${one.path.toString('latin1')}\0${one.bytes}\0${one.modifiedNs}`
  if (picture === null && lyrics === null) return ''
  return createHash('sha256')
    .update(`${stamp(picture)}\0\0${stamp(lyrics)}`)
    .digest('hex')
}
