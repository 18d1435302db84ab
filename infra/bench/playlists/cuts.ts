import { runCuts } from '../../e2e/playlists/cuts.ts'
import { signUpPeople } from '../../e2e/playlists/people.ts'
import { showProgress } from '../progress.ts'
import { report } from '../report.ts'
import { chooseSeed } from '../seed.ts'
import { openHouse } from './house.ts'

const PEOPLE = 20
const WATCHERS = 200
const CUTS = 20

/** `npm run bench -- cuts [edits] [seed]`: 200 clients of one list lose their sockets 20 times each while it is edited. */
export async function run([count = '5000', given]: readonly string[]): Promise<void> {
  const edits = Number(count)
  const seed = chooseSeed(given)
  await using house = await openHouse()
  const door = house.doors[0]?.url ?? ''
  const people = await signUpPeople(door, PEOPLE)
  const result = await runCuts({
    doors: [door],
    db: house.db,
    people,
    watchers: WATCHERS,
    cuts: CUTS,
    edits,
    seed,
    onProgress: (done) => showProgress('Edits', done, edits),
  })
  report(`cuts: ${WATCHERS} clients, each cut off ${CUTS} times`, [
    { what: 'edits', value: edits, unit: '' },
    { what: 'messages of edits that came', value: result.told, unit: '' },
    { what: 'sockets that were opened', value: result.connections, unit: '' },
    { what: 'missing', value: 0, unit: '' },
    { what: 'repeated', value: 0, unit: '' },
    { what: 'out of order', value: 0, unit: '' },
    { what: 'edits a second', value: edits / result.seconds, unit: '' },
    { what: 'seed', value: seed, unit: '' },
  ])
}
