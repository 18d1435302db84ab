import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type AudioAsset, audioAssetSchema } from './asset.ts'

/** The file beside the renditions that says what they are; written last. */
export const MANIFEST = 'asset.json'

/** What the folder of an asset in the making is called, until it is whole. */
export const PARTIAL = '.partial-'

const ABANDONED_MS = 15 * 60_000

/** The asset in its folder, or null when it is not there or not whole (a file missing or of another size). */
export async function findAsset(root: string, assetId: string): Promise<AudioAsset | null> {
  const text = await readFile(join(root, assetId, MANIFEST), 'utf8').catch(() => null)
  if (text === null) return null
  const asset = parse(text)
  if (asset === null || asset.assetId !== assetId) return null
  for (const { path, bytes } of asset.renditions) {
    const file = await stat(join(root, path)).catch(() => null)
    if (file?.size !== bytes) return null
  }
  return asset
}

function parse(text: string): AudioAsset | null {
  try {
    return audioAssetSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}

/** Removes what a process that died half-way left behind. */
export async function sweepPartials(root: string): Promise<void> {
  for (const name of await readdir(root).catch(() => [])) {
    if (!name.startsWith(PARTIAL)) continue
    const folder = join(root, name)
    const age = Date.now() - ((await stat(folder).catch(() => null))?.mtimeMs ?? Date.now())
    if (age > ABANDONED_MS) await rm(folder, { recursive: true, force: true })
  }
}
