import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AudioAsset } from '../audio/asset.ts'
import type { Score } from '../audio/score.ts'
import type { Composer } from '../jobs/composing.ts'

/** Stands where the real composer does: writes a file of a few bytes for each quality and remembers what it was asked. */
export interface TestComposer extends Composer {
  asked: string[]
}

export function createTestComposer(
  root: () => string,
  onCompose: (score: Score) => Promise<void> | void = () => undefined,
): TestComposer {
  const asked: string[] = []
  let isClosed = false
  let onClose: (error: Error) => void = () => undefined
  const closed = new Promise<never>((_, reject) => {
    onClose = reject
  })
  closed.catch(() => undefined)

  return {
    asked,
    async compose(score) {
      if (isClosed) throw new Error('The composer is closed')
      asked.push(score.seed)
      await Promise.race([onCompose(score), closed])
      const asset = assetOf(score)
      for (const { path } of asset.renditions) {
        await mkdir(join(root(), asset.assetId), { recursive: true })
        await writeFile(join(root(), path), 'music')
      }
      return asset
    },
    async close() {
      isClosed = true
      onClose(new Error('The composer is closed'))
    },
  }
}

function assetOf({ seed, durationMs }: Score): AudioAsset {
  const assetId = `audio_${seed.slice(-22)}`
  return {
    assetId,
    durationMs,
    loudnessCentilufs: -1_400,
    truePeakCentidb: -100,
    renditions: (['LOW', 'NORMAL', 'HIGH', 'LOSSLESS'] as const).map((quality) => ({
      quality,
      codec: quality === 'LOSSLESS' ? 'fLaC' : 'mp4a.40.2',
      bitrateKbps: 96,
      path: `${assetId}/${quality.toLowerCase()}.mp4`,
      bytes: 5,
      initBytes: 1,
      segments: [{ offset: 1, bytes: 4, durationMs }],
    })),
  }
}
