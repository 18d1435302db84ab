import { type FileHandle, open } from 'node:fs/promises'
import { LRUCache } from 'lru-cache'

/** A file that stays open until it is released. */
export interface OpenFile {
  fd: number
  /** How many it has. */
  bytes: number
  /** Once is enough, and more does nothing. */
  release(): void
}

/** Files that are read again and again, kept open between two readers. */
export interface OpenFiles {
  /** Throws what `open` throws. Whoever takes a file releases it. */
  take(path: string): Promise<OpenFile>
  /** What lies at this path is another file from now on, or none; those who read the old one read it to its end. */
  forget(path: string): void
  close(): void
}

export interface OpenFilesOptions {
  /** How many are kept; those being read are open beside them. */
  max: number
  /** After so long a file is opened anew, so that one which was replaced or removed by another process is not read for ever. */
  keepMs: number
}

interface Entry {
  opening: Promise<{ handle: FileHandle; bytes: number }>
  readers: number
  isKept: boolean
}

export function createOpenFiles({ max, keepMs }: OpenFilesOptions): OpenFiles {
  const kept = new LRUCache<string, Entry>({
    max,
    ttl: keepMs,
    ttlAutopurge: true, // closes what nobody asks for, too
    dispose(entry) {
      entry.isKept = false
      closeIfIdle(entry)
    },
  })

  function enter(path: string): Entry {
    const entry: Entry = { opening: openWithSize(path), readers: 0, isKept: true }
    kept.set(path, entry)
    entry.opening.catch(() => {
      if (kept.peek(path) === entry) kept.delete(path) // the next one looks again
    })
    return entry
  }

  return {
    async take(path) {
      const entry = kept.get(path) ?? enter(path)
      entry.readers++
      let isHeld = true
      const release = (): void => {
        if (!isHeld) return
        isHeld = false
        entry.readers--
        closeIfIdle(entry)
      }
      try {
        const { handle, bytes } = await entry.opening
        return { fd: handle.fd, bytes, release }
      } catch (error) {
        release()
        throw error
      }
    },
    forget: (path) => void kept.delete(path),
    close: () => kept.clear(),
  }
}

async function openWithSize(path: string): Promise<{ handle: FileHandle; bytes: number }> {
  const handle = await open(path, 'r')
  try {
    return { handle, bytes: (await handle.stat()).size }
  } catch (error) {
    await handle.close()
    throw error
  }
}

function closeIfIdle({ opening, readers, isKept }: Entry): void {
  if (isKept || readers > 0) return
  opening.then(({ handle }) => handle.close()).catch(() => undefined) // what never opened needs no closing
}
