import { runEditors } from '../../e2e/playlists/editors.ts'
import { signUpPeople } from '../../e2e/playlists/people.ts'
import { showProgress } from '../progress.ts'
import { percentile, report } from '../report.ts'
import { chooseSeed } from '../seed.ts'
import { openHouse } from './house.ts'

const EDITORS = 16

/** `npm run bench -- editors [edits] [kills] [seed]`: 16 people edit one list while its room is killed. */
export async function run([count = '10000', kills = '3', given]: readonly string[]): Promise<void> {
  const edits = Number(count)
  const seed = chooseSeed(given)
  await using house = await openHouse()
  const door = house.doors[0]?.url ?? ''
  const people = await signUpPeople(door, EDITORS)
  const result = await runEditors({
    door,
    db: house.db,
    people,
    edits,
    kills: Number(kills),
    kill: () => house.killRoom(),
    seed,
    onProgress: (done) => showProgress('Edits', done, edits),
  })
  report(`editors: ${EDITORS}, the room killed ${kills} times`, [
    { what: 'edits acknowledged: each in the log once', value: result.applied, unit: '' },
    { what: 'edits refused: none in the log', value: result.refused, unit: '' },
    { what: 'lost', value: 0, unit: '' },
    { what: 'made twice', value: 0, unit: '' },
    { what: 'edits a second', value: edits / result.seconds, unit: '' },
    { what: 'nothing was acknowledged for', value: result.secondsDown, unit: 's' },
    { what: 'edits a second without that', value: edits / (result.seconds - result.secondsDown), unit: '' },
    { what: 'acknowledged, p50', value: percentile(result.latenciesMs, 0.5), unit: 'ms' },
    { what: 'acknowledged, p99', value: percentile(result.latenciesMs, 0.99), unit: 'ms' },
    { what: 'acknowledged, the slowest', value: percentile(result.latenciesMs, 1), unit: 'ms' },
    { what: 'time', value: result.seconds, unit: 's' },
    { what: 'seed', value: seed, unit: '' },
  ])
}
