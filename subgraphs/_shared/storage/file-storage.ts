import { copyFile, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createPieceReader } from './file-pieces.ts'
import { createFileUploads } from './file-uploads.ts'
import { createOpenFiles } from './open-files.ts'
import type { Scratch } from './scratch.ts'
import { checkKey, ObjectMissing, type ObjectStorage, type StoredObject } from './storage.ts'

export interface FileStorageOptions {
  folder: string
  /** Best on the same file system as the folder: a file is then moved and not copied. */
  scratch: Scratch
  /** Signs the addresses of uploads; every process of an installation has the same. */
  secret: string
  /** The address under which clients reach the handler, without a trailing slash. */
  publicUrl: string
}

/** Files in demand are kept open; what another process has removed is read no longer than this. */
const KEPT_OPEN = { max: 256, keepMs: 5_000 }

/** Objects as files of a folder. A file gets its name once all of it is on the disk, so that a power cut leaves none half there. */
export function createFileStorage(options: FileStorageOptions): ObjectStorage {
  const { folder, scratch } = options
  const pathOf = (key: string): string => join(folder, checkKey(key))
  const openFiles = createOpenFiles(KEPT_OPEN)
  const readPieces = createPieceReader(openFiles)

  async function moveIn(key: string, path: string): Promise<void> {
    const target = pathOf(key)
    await mkdir(dirname(target), { recursive: true })
    await flush(path)
    try {
      await rename(path, target)
    } catch (error) {
      if (codeOf(error) !== 'EXDEV') throw error
      // Another file system: first beside the target, since only a rename is all or nothing.
      const beside = `${target}.${process.pid}~`
      try {
        await copyFile(path, beside)
        await flush(beside)
        await rename(beside, target)
      } finally {
        await rm(beside, { force: true })
      }
      await rm(path)
    }
    openFiles.forget(target)
    await flush(dirname(target))
  }

  async function find(key: string): Promise<StoredObject | null> {
    const file = await stat(pathOf(key)).catch(missingIsNull)
    return file?.isFile() === true ? { key, bytes: file.size } : null
  }

  const storage: Omit<ObjectStorage, 'presignPut' | 'handler'> = {
    put: (key, bytes) =>
      scratch.use(async (temporary) => {
        const path = join(temporary, 'object')
        await writeFile(path, bytes)
        await moveIn(key, path)
      }),
    putFile: moveIn,
    find,
    async read(key, range) {
      const handle = await open(pathOf(key), 'r').catch(missingIsNull)
      if (handle === null) throw new ObjectMissing(key)
      try {
        const { size } = await handle.stat()
        const body = handle.createReadStream(range && { start: range.first, end: range.last })
        return { bytes: size, body }
      } catch (error) {
        await handle.close()
        throw error
      }
    },
    async readPieces(key, range) {
      const found = await readPieces(pathOf(key), range).catch(missingIsNull)
      if (found === null) throw new ObjectMissing(key)
      return found
    },
    async *list(prefix) {
      const start = prefix.includes('/') ? checkKey(prefix.slice(0, prefix.lastIndexOf('/'))) : ''
      for await (const key of walk(folder, start)) {
        const object = key.startsWith(prefix) ? await find(key) : null
        if (object !== null) yield object
      }
    },
    async delete(keys) {
      for (const key of keys) {
        await rm(pathOf(key), { force: true })
        openFiles.forget(pathOf(key))
        await removeEmpty(folder, dirname(key))
      }
    },
    async close() {
      openFiles.close()
    },
  }
  return { ...storage, ...createFileUploads({ ...options, moveIn }) }
}

/** Keys of the files under a folder. What is no key is not ours: a copy on its way, a note of the operating system. */
async function* walk(folder: string, under: string): AsyncGenerator<string> {
  for (const entry of (await readdir(join(folder, under), { withFileTypes: true }).catch(missingIsNull)) ??
    []) {
    const key = under === '' ? entry.name : `${under}/${entry.name}`
    if (entry.name.startsWith('.') || entry.name.endsWith('~')) continue
    if (entry.isDirectory()) yield* walk(folder, key)
    else if (entry.isFile()) yield key
  }
}

async function removeEmpty(folder: string, under: string): Promise<void> {
  if (under === '.') return
  const entries = await readdir(join(folder, under)).catch(() => ['?'])
  if (entries.length > 0) return
  await rm(join(folder, under), { recursive: true, force: true })
  await removeEmpty(folder, dirname(under))
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}

function missingIsNull(error: unknown): null {
  if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return null
  throw error
}
