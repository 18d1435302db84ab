import { join } from 'node:path'
import { fileOf, type Quality, type Rendition } from './asset.ts'
import { AudioError } from './audio-error.ts'
import { AAC_FRAME } from './encoding.ts'
import { readFmp4 } from './fmp4.ts'

/** An encoded file and what should be in it: `samples` at `rate`, those of the encoder's delay among them. */
interface Encoded {
  folder: string
  assetId: string
  quality: Quality
  /** null: as many as it took. */
  kbps: number | null
  samples: number
  rate: number
}

/** Reads the file as a player will. FILE_BROKEN when it is not as long as what went into it. */
export async function describeRendition(encoded: Encoded): Promise<Rendition> {
  const { folder, assetId, quality, kbps, samples, rate } = encoded
  const path = join(folder, fileOf(quality))
  const layout = await readFmp4(path)
  const expectedMs = (samples * 1_000) / rate
  const frameMs = (AAC_FRAME * 1_000) / rate
  if (layout.durationMs < expectedMs - 0.001 || layout.durationMs > expectedMs + frameMs) {
    throw new AudioError(
      'FILE_BROKEN',
      `${path} lasts ${layout.durationMs} ms where ${expectedMs} ms went in.`,
    )
  }
  return {
    quality,
    codec: quality === 'LOSSLESS' ? 'fLaC' : 'mp4a.40.2',
    bitrateKbps: kbps ?? Math.round((layout.bytes * 8) / layout.durationMs),
    path: `${assetId}/${fileOf(quality)}`,
    bytes: layout.bytes,
    initBytes: layout.initBytes,
    segments: layout.segments,
  }
}
