import { parseFile } from 'music-metadata'
import { runCommand } from './import/command.ts'
import { count } from './import/progress.ts'
import { importFeed } from './podcasts/import-feed.ts'
import { createCatalogue } from './services/catalogue.ts'

/** `npm run podcasts:import -- FEED.xml`: a show and its episodes, from its RSS file. */
await runCommand('Which feed? npm run podcasts:import -- FEED.xml', async (file, db, report) => {
  const { title, episodes, local } = await importFeed({
    file,
    catalogue: createCatalogue(db),
    measure,
    onFault: report.fault,
  })
  return `${title}: ${count(episodes)} episodes, ${count(local.length)} with audio beside the feed`
})

async function measure(path: string): Promise<number | null> {
  try {
    const { format } = await parseFile(path, { duration: true, skipCovers: true })
    return format.hasAudio && format.duration ? Math.round(format.duration * 1_000) : null
  } catch {
    return null
  }
}
