import { basename } from 'node:path'
import type { AudioMaker } from '../audio/audio-maker.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { keepRecording } from '../services/recordings.ts'
import { lockCatalogue } from '../services/takedown-effects.ts'
import type { LocalEpisode } from './import-feed.ts'

/**
 * Gives episodes the audio that lies beside their feed, one after the other: what was transcoded before is found and not made again. A file that
 * cannot be is named and left out. Returns how many have theirs.
 */
export async function keepEpisodeAudio(options: {
  db: PrismaClient
  maker: AudioMaker
  local: readonly LocalEpisode[]
  onFault(file: string, reason: string): void
  onProgress?(done: number): void
}): Promise<number> {
  const { db, maker, local, onFault, onProgress = () => undefined } = options
  let kept = 0
  for (const [place, { episodeId, path }] of local.entries()) {
    try {
      const made = await maker.make(path, { onProgress: (share) => onProgress(place + share) })
      const known = await db.playableAudio.findUnique({ where: { playableId: episodeId } })
      const isNews = (known?.asset as { assetId?: string } | null)?.assetId !== made.asset.assetId
      if (isNews)
        await db.$transaction(async (tx) => {
          await lockCatalogue(tx)
          await keepRecording(tx, episodeId, made)
        })
      kept++
    } catch (error) {
      onFault(basename(path), error instanceof Error ? error.message : String(error))
    }
    onProgress(place + 1)
  }
  return kept
}
