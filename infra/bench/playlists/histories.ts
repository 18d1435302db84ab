import { playHistories } from '../../e2e/playlists/play-histories.ts'
import { openStage } from '../../e2e/playlists/stage.ts'
import { showProgress } from '../progress.ts'
import { report } from '../report.ts'
import { chooseSeed } from '../seed.ts'
import { openDatabase } from './database.ts'

const AT_ONCE = 24

/** `npm run bench -- histories [count] [seed]`: random histories of a few clients each, against two processes' worth of the room. */
export async function run([count = '10000', given]: readonly string[]): Promise<void> {
  const seed = chooseSeed(given)
  await using database = await openDatabase({ isDurable: false })
  await using stage = await openStage(database.url, 2)
  const begun = performance.now()
  const tally = await playHistories(stage, {
    seed,
    count: Number(count),
    atOnce: AT_ONCE,
    onProgress: (done) => showProgress('Histories', done, Number(count)),
  })
  report('histories', [
    { what: 'histories, each of which converged', value: tally.played, unit: '' },
    { what: 'edits acknowledged, each made once', value: tally.applied, unit: '' },
    { what: 'edits refused, none made', value: tally.refused, unit: '' },
    ...Object.entries(tally.mishaps).map(([what, value]) => ({ what, value, unit: '' })),
    { what: 'seed', value: seed, unit: '' },
    { what: 'time', value: (performance.now() - begun) / 1_000, unit: 's' },
  ])
}
