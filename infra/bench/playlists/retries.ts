import { createSharedList, findTracks, signUpPeople } from '../../e2e/playlists/people.ts'
import { runRetries } from '../../e2e/playlists/retries.ts'
import { openSocket } from '../../e2e/playlists/socket.ts'
import { readTable } from '../../e2e/playlists/table.ts'
import type { ApiClient } from '../../testing/client.ts'
import { showProgress } from '../progress.ts'
import { report } from '../report.ts'
import { chooseSeed } from '../seed.ts'
import { openHouse } from './house.ts'

const EDITORS = 8
const PERCENT = 20

/** `npm run bench -- retries [edits] [seed]`: edits through two doors to two processes of the room, some sent again by their nonce. */
export async function run([count = '10000', given]: readonly string[]): Promise<void> {
  const edits = Number(count)
  const seed = chooseSeed(given)
  await using house = await openHouse(2)
  const [one = '', other = ''] = house.doors.map(({ url }) => url)
  const people = await signUpPeople(one, EDITORS)
  const playlistId = await createSharedList(people)
  const twins = people.map((person) => ({ here: openSocket(one, person), there: openSocket(other, person) }))
  const begun = performance.now()
  const result = await runRetries({
    playlistId,
    editors: twins,
    tracks: await findTracks(people[0] as ApiClient),
    edits,
    percent: PERCENT,
    seed,
    read: () => readTable(house.db, playlistId),
    onProgress: (done) => showProgress('Edits', done, edits),
  })
  const seconds = (performance.now() - begun) / 1_000
  for (const { here, there } of twins) {
    here.close()
    there.close()
  }
  report(`retries: ${PERCENT} % of the edits sent two to four times, to two processes of the room`, [
    { what: 'edits acknowledged', value: result.applied, unit: '' },
    { what: 'edits refused', value: result.refused, unit: '' },
    { what: 'requests sent again', value: result.repeats, unit: '' },
    { what: 'made twice', value: 0, unit: '' },
    { what: 'lost', value: 0, unit: '' },
    { what: 'told something else the second time', value: 0, unit: '' },
    { what: 'edits a second', value: edits / seconds, unit: '' },
    { what: 'seed', value: seed, unit: '' },
  ])
}
