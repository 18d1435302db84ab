import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { openScratch, openStorage } from '#shared/storage/open-storage.ts'
import type { ObjectStorage } from '#shared/storage/storage.ts'
import { createLogger } from '#shared/telemetry.ts'
import { findFfmpeg } from '../audio/ffmpeg.ts'
import { record } from '../audio/testing/recordings.ts'
import { type IngestOptions, type IngestOutcome, ingestFolder } from '../ingest/ingest.ts'
import { createTestCatalog, type TestCatalog } from './catalog-room.ts'

/** Real programs run: on a busy machine they take their time. */
export const PATIENCE = 180_000

/** A room with a folder of music to bring into it, and recordings on a shelf to fill the folder from. */
export interface MusicFolder extends AsyncDisposable {
  catalog: TestCatalog
  /** Where recordings lie, and what else a test makes. */
  shelf: string
  storage: ObjectStorage
  /** The folder of this test. */
  path(): string
  /** Puts a copy of a recording into the folder, with these tags and no others; answers where it lies. */
  put(path: string, recording: string, tags?: Readonly<Record<string, string>>): Promise<string>
  ingest(options?: Partial<IngestOptions>): Promise<IngestOutcome>
  /** What the last runs left out, by path, and why. */
  faults: Map<string, string>
  /** Keys of all that is stored. */
  stored(): Promise<string[]>
  /** A new folder, for a test that begins. */
  begin(): Promise<void>
  /** Forgets all that was ingested; what is stored stays unless told otherwise. */
  forget(keepsAudio?: boolean): Promise<void>
}

/** Each recording is so many seconds of another tone. */
export async function createMusicFolder(
  recordings: readonly string[],
  seconds: number,
): Promise<MusicFolder> {
  const shelf = await mkdtemp(join(tmpdir(), 'music-'))
  const catalog = await createTestCatalog()
  const storage = await openStorage({ home: catalog.home, publicUrl: '' })
  await Promise.all(
    recordings.map((name, index) => record(join(shelf, `${name}.flac`), { seconds, hz: 200 + 40 * index })),
  )
  const faults = new Map<string, string>()
  let folder = ''

  return {
    catalog,
    shelf,
    storage,
    faults,
    path: () => folder,
    async put(path, recording, tags = {}) {
      const target = join(folder, path)
      await mkdir(dirname(target), { recursive: true })
      const args = Object.entries(tags).flatMap(([name, value]) => ['-metadata', `${name}=${value}`])
      await promisify(execFile)(await findFfmpeg(), [
        ...['-v', 'error', '-y', '-i', join(shelf, `${recording}.flac`), '-map_metadata', '-1', ...args],
        ...(target.endsWith('.flac') ? ['-c', 'copy'] : []),
        `file:${target}`,
      ])
      return target
    },
    ingest: (options = {}) =>
      ingestFolder({
        folder,
        db: catalog.db,
        storage,
        scratch: openScratch(catalog.home),
        workers: 2,
        logger: createLogger('test', 'silent'),
        onFault: (path, reason) => faults.set(path.slice(folder.length + 1), reason),
        onProgress: () => undefined,
        ...options,
      }),
    async stored() {
      const keys: string[] = []
      for await (const { key } of storage.list('')) keys.push(key)
      return keys.sort()
    },
    async begin() {
      folder = await mkdtemp(join(shelf, 'library-'))
      faults.clear()
    },
    async forget(keepsAudio = false) {
      await catalog.empty()
      await catalog.db.musicFile.deleteMany()
      await catalog.db.musicTrack.deleteMany()
      if (!keepsAudio) await rm(join(catalog.home, 'audio'), { recursive: true, force: true })
    },
    async [Symbol.asyncDispose]() {
      await catalog[Symbol.asyncDispose]()
      await rm(shelf, { recursive: true, force: true })
    },
  }
}
