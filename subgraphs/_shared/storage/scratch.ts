import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isGone, PROCESS_MARK } from '../process-mark.ts'

/** Folders for work in progress. What a process that died left in them goes when the next one begins. */
export interface Scratch {
  /** Runs `work` with an empty folder of its own, gone afterwards whatever happens. */
  use<Result>(work: (folder: string) => Promise<Result>): Promise<Result>
  /** Removes what nobody works in any more. */
  sweep(): Promise<void>
}

/** What another machine, or a process we cannot ask about, has not touched for so long is abandoned. */
const ABANDONED_MS = 24 * 3_600_000

/** Folders under `root`, each named after the machine and process that works in it. */
export function createScratch(root: string): Scratch {
  let isReady: Promise<unknown> | null = null

  async function sweep(): Promise<void> {
    for (const name of await readdir(root).catch(() => [])) {
      if (await isAbandoned(join(root, name), name))
        await rm(join(root, name), { recursive: true, force: true })
    }
  }

  return {
    async use(work) {
      isReady ??= mkdir(root, { recursive: true })
      await isReady
      const folder = await mkdtemp(join(root, `${PROCESS_MARK}.`))
      try {
        return await work(folder)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
    sweep,
  }
}

async function isAbandoned(path: string, name: string): Promise<boolean> {
  if (isGone(name)) return true
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }))
  return Date.now() - mtimeMs > ABANDONED_MS
}
