import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { derivedId } from '#shared/id.ts'
import type { Scratch } from '#shared/storage/scratch.ts'
import type { ObjectStorage } from '#shared/storage/storage.ts'
import { FORMAT_VERSION } from './asset.ts'
import { type AnalysedAsset, findStored, storeAsset } from './asset-store.ts'
import { AudioError } from './audio-error.ts'
import { findFfmpeg } from './ffmpeg.ts'
import { probe } from './probing.ts'
import { sniff } from './sniffing.ts'
import { transcode } from './transcoding.ts'

/** Makes assets of recordings. */
export interface AudioMaker {
  /**
   * The stored asset of the recording in a file: found when the same sound was made before, whatever its tags were, else transcoded, with
   * `onProgress` told the share that is done. Rejects with an AudioError that says what is wrong with the file, or with us.
   */
  make(original: string | Buffer, options?: MakeOptions): Promise<AnalysedAsset>
}

export interface MakeOptions {
  onProgress?(share: number): void
  signal?: AbortSignal | undefined
}

export function createAudioMaker(options: {
  storage: ObjectStorage
  scratch: Scratch
  ffmpegPath?: string | undefined
  longestMs?: number | undefined
}): AudioMaker {
  const { storage, scratch, longestMs } = options
  let found: Promise<string> | null = null
  const ffmpeg = (): Promise<string> => {
    found ??= findFfmpeg(options.ffmpegPath).catch((error: unknown) => {
      found = null // so that installing it is enough
      throw error
    })
    return found
  }

  return {
    make: (original, { onProgress = () => undefined, signal } = {}) =>
      scratch
        .use(async (folder) => {
          // Under a name of ours: whatever bytes its own has, no program takes them for an option or an address.
          const path = join(folder, 'original')
          await symlink(original, path)
          const sniffed = await sniff(path)
          if (sniffed === null)
            throw new AudioError('NOT_AUDIO', 'It holds no audio of a kind that is read here.')
          if (sniffed.isCut) throw new AudioError('TRUNCATED', 'Its end is missing.')
          const { demuxer } = sniffed
          const program = await ffmpeg()
          const format = await probe(program, path, demuxer, signal)
          const assetId = derivedId('audio', JSON.stringify([FORMAT_VERSION, 'recording', format.soundHash]))
          const stored = await findStored(storage, assetId)
          if (stored !== null) return stored
          const made = await transcode({
            ffmpeg: program,
            path,
            demuxer,
            format,
            assetId,
            folder,
            onProgress,
            signal,
            longestMs,
          })
          await storeAsset(storage, folder, made)
          return made
        })
        .catch((error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOSPC' || error.code === 'EDQUOT')
            throw new AudioError('NO_ROOM', 'There is no room left where audio is stored.')
          throw error
        }),
  }
}
