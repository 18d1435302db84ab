import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { ObjectMissing, type ObjectStorage } from '#shared/storage/storage.ts'
import { type AudioAsset, audioAssetSchema, fileOf } from './asset.ts'
import { MANIFEST } from './asset-folder.ts'
import type { Analysis } from './transcoding.ts'

const share = z.number().min(0).max(1)

const analysisSchema = z.object({
  features: z.object({
    tempo: z.number().positive(),
    key: z.int().min(0).max(11),
    mode: z.int().min(0).max(1),
    loudness: z.number(),
    energy: share,
    danceability: share,
    valence: share,
    acousticness: share,
    speechiness: share,
    instrumentalness: share,
  }),
  histogram: z.array(z.tuple([z.int(), z.int()])),
})

/** An asset with what was heard in it. */
export type AnalysedAsset = { asset: AudioAsset } & Analysis

const manifest = z.object({ asset: audioAssetSchema, ...analysisSchema.shape })

/** What was stored of a transcoded recording, or null when it is not there or not whole (an object missing or of another size). */
export async function findStored(storage: ObjectStorage, assetId: string): Promise<AnalysedAsset | null> {
  const note = await readNote(storage, `${assetId}/${MANIFEST}`)
  const stored = manifest.safeParse(note)
  if (!stored.success || stored.data.asset.assetId !== assetId) return null
  for (const { path, bytes } of stored.data.asset.renditions) {
    if ((await storage.find(path))?.bytes !== bytes) return null
  }
  return stored.data
}

async function readNote(storage: ObjectStorage, key: string): Promise<unknown> {
  try {
    return JSON.parse(await text((await storage.read(key)).body))
  } catch (error) {
    if (error instanceof ObjectMissing || error instanceof SyntaxError) return null
    throw error
  }
}

/** Stores the renditions that lie in `folder`, and last the note that says what they are: without it there is no asset. */
export async function storeAsset(storage: ObjectStorage, folder: string, made: AnalysedAsset): Promise<void> {
  const { assetId, renditions } = made.asset
  for (const { path, quality } of renditions) await storage.putFile(path, join(folder, fileOf(quality)))
  const note = join(folder, MANIFEST)
  await writeFile(note, `${JSON.stringify(made)}\n`)
  await storage.putFile(`${assetId}/${MANIFEST}`, note)
}
