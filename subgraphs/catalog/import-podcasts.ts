import { resolve } from 'node:path'
import { parseFile } from 'music-metadata'
import { readConfig } from '#shared/config.ts'
import { openScratch, openStorage, s3Of } from '#shared/storage/open-storage.ts'
import { createAudioMaker } from './audio/audio-maker.ts'
import { audioImportSettings } from './config.ts'
import { runCommand } from './import/command.ts'
import { count, createProgress } from './import/progress.ts'
import { keepEpisodeAudio } from './podcasts/episode-audio.ts'
import { importFeed } from './podcasts/import-feed.ts'
import { createCatalogue } from './services/catalogue.ts'

/** `npm run podcasts:import -- FEED.xml`: a show and its episodes, from its RSS file, with the audio that lies beside it. */
await runCommand('Which feed? npm run podcasts:import -- FEED.xml', async (file, db, report) => {
  const settings = readConfig(audioImportSettings)
  const home = resolve(settings.CADENZA_HOME)
  const storage = await openStorage({ home, publicUrl: '', s3: s3Of(settings) })
  const progress = createProgress(process.stderr, 'episodes')
  try {
    const catalogue = createCatalogue(db)
    const { title, episodes, local } = await importFeed({
      file,
      catalogue,
      measure,
      onFault: report.fault,
    })
    const kept = await keepEpisodeAudio({
      db,
      maker: createAudioMaker({ storage, scratch: openScratch(home) }),
      local,
      onFault: report.fault,
      onProgress: (done) =>
        progress.show({ rows: Math.floor(done), bytes: done * 1_000, size: local.length * 1_000 }),
    })
    return `${title}: ${count(episodes)} episodes, ${count(kept)} with audio from beside the feed`
  } finally {
    progress.stop()
    await storage.close()
  }
})

async function measure(path: string): Promise<number | null> {
  try {
    const { format } = await parseFile(path, { duration: true, skipCovers: true })
    return format.hasAudio && format.duration ? Math.round(format.duration * 1_000) : null
  } catch {
    return null
  }
}
