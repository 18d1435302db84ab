import { runCommand } from './import/command.ts'
import { count } from './import/progress.ts'
import { importLyrics } from './lyrics/import-lyrics.ts'
import { createCatalogue } from './services/catalogue.ts'

/** `npm run lyrics:import -- FOLDER`: what is sung, from the LRC files under a folder. */
await runCommand('Which folder? npm run lyrics:import -- FOLDER', async (folder, db, report) => {
  const catalogue = createCatalogue(db)
  const { files, matched, tracks } = await importLyrics({ folder, db, catalogue, onFault: report.fault })
  return `${count(files)} LRC files: ${count(matched)} of them are of ${count(tracks)} tracks`
})
