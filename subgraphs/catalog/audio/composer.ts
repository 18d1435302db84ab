import { mkdir } from 'node:fs/promises'
import { type AudioAsset, assetIdOf } from './asset.ts'
import { findAsset, sweepPartials } from './asset-folder.ts'
import { findFfmpeg } from './ffmpeg.ts'
import { type Score, scoreSchema } from './score.ts'
import { createWorkerPool, type Urgency } from './worker-pool.ts'

/** Makes the demo's audio, once for each score, on threads of its own. */
export interface Composer {
  /**
   * The asset of a score, composed if it is not there yet; the same call twice is one composition. What somebody waits for goes before
   * what is asked for `'later'`. Rejects with an AudioError.
   */
  compose(score: Score, when?: 'now' | 'later'): Promise<AudioAsset>
  /** The asset of a score if it is there already, else null; never composes. */
  find(score: Score): Promise<AudioAsset | null>
  /** Threads alive now. */
  workersAlive(): number
  close(): Promise<void>
}

export interface ComposerOptions {
  /** The folder of all assets. */
  root: string
  /** Threads at most; each needs about 150 MB while it composes a minute of music. */
  workers?: number
  ffmpegPath?: string | undefined
  /** Scores that may wait beyond those being composed. */
  queueLimit?: number
  /** How long a thread without work stays, in ms. */
  idleMs?: number
}

export function createComposer(options: ComposerOptions): Composer {
  const { root, workers = 1, ffmpegPath, queueLimit = 64, idleMs = 3_000 } = options
  const pool = createWorkerPool({ size: workers, idleMs, queueLimit })
  const running = new Map<string, { made: Promise<AudioAsset>; urgency: Urgency }>()
  let prepared: Promise<string> | null = null

  /** The root swept and an ffmpeg found, once; a failure is not kept, so that installing ffmpeg is enough. */
  const prepare = (): Promise<string> => {
    prepared ??= Promise.all([
      findFfmpeg(ffmpegPath),
      mkdir(root, { recursive: true }).then(() => sweepPartials(root)),
    ])
      .then(([ffmpeg]) => ffmpeg)
      .catch((error: unknown) => {
        prepared = null
        throw error
      })
    return prepared
  }

  const make = async (score: Score, assetId: string, urgency: Urgency): Promise<AudioAsset> => {
    const there = await findAsset(root, assetId)
    if (there !== null) return there
    const ffmpeg = await prepare()
    return pool.run({ kind: 'compose', score, assetId, root, ffmpeg }, urgency)
  }

  return {
    async compose(asked, when = 'now') {
      const score = scoreSchema.parse(asked)
      const assetId = assetIdOf(score)
      const shared = running.get(assetId)
      if (shared !== undefined) {
        if (when === 'now') shared.urgency.isUrgent = true
        return shared.made
      }
      const urgency = { isUrgent: when === 'now' }
      const made = make(score, assetId, urgency).finally(() => running.delete(assetId))
      running.set(assetId, { made, urgency })
      return made
    },
    find: (score) => findAsset(root, assetIdOf(score)),
    workersAlive: () => pool.alive(),
    close: () => pool.close(),
  }
}
