import { randomFillSync } from 'node:crypto'
import { mkdir, open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AudioAsset, Rendition } from '../../../subgraphs/playback/services/audio-asset.ts'

const SEGMENT_MS = 10_000
const INIT_BYTES = 1_000
const KBPS = { LOW: 96, HIGH: 320 } as const
const FILE = 'assets.json'
const MEGABYTE = 2 ** 20

/** Writes recordings of so many seconds, as large and as cut as packaged ones, of random bytes. */
export async function writeAssets(folder: string, seconds: Record<string, number>): Promise<void> {
  const assets: AudioAsset[] = []
  for (const [assetId, length] of Object.entries(seconds)) {
    const renditions: Rendition[] = []
    await mkdir(join(folder, assetId), { recursive: true })
    for (const quality of ['LOW', 'HIGH'] as const) {
      const rendition = layOut(assetId, quality, length)
      await writeRandom(join(folder, rendition.path), rendition.bytes)
      renditions.push(rendition)
    }
    assets.push({
      assetId,
      durationMs: length * 1_000,
      loudnessCentilufs: -1_400,
      truePeakCentidb: -100,
      renditions,
    })
  }
  await writeFile(join(folder, FILE), JSON.stringify(assets))
}

export async function assetsIn(folder: string): Promise<Map<string, AudioAsset>> {
  const assets = JSON.parse(await readFile(join(folder, FILE), 'utf8')) as AudioAsset[]
  return new Map(assets.map((asset) => [asset.assetId, asset]))
}

function layOut(assetId: string, quality: keyof typeof KBPS, seconds: number): Rendition {
  const bytes = (KBPS[quality] * SEGMENT_MS) / 8
  const segments = Array.from({ length: Math.ceil((seconds * 1_000) / SEGMENT_MS) }, (_, index) => ({
    offset: INIT_BYTES + index * bytes,
    bytes,
    durationMs: SEGMENT_MS,
  }))
  return {
    quality,
    codec: 'mp4a.40.2',
    bitrateKbps: KBPS[quality],
    path: `${assetId}/${quality.toLowerCase()}.mp4`,
    bytes: INIT_BYTES + segments.length * bytes,
    initBytes: INIT_BYTES,
    segments,
  }
}

async function writeRandom(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'w')
  const block = Buffer.alloc(MEGABYTE)
  for (let left = bytes; left > 0; left -= MEGABYTE)
    await file.write(randomFillSync(block), 0, Math.min(left, MEGABYTE))
  await file.close()
}
