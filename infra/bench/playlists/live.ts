import { createChance } from '../../../gateway/execute/testing/chance.ts'
import { createEditor, drawEdit } from '../../e2e/playlists/editor.ts'
import { createSharedList, findTracks, signUpPeople } from '../../e2e/playlists/people.ts'
import { openSocket } from '../../e2e/playlists/socket.ts'
import { openWatcher, reach } from '../../e2e/playlists/watchers.ts'
import type { ApiClient } from '../../testing/client.ts'
import { residentMb } from '../gateway/process.ts'
import { showProgress } from '../progress.ts'
import { type Figure, percentile, report } from '../report.ts'
import { openAudience } from './audience.ts'
import { effortOf } from './effort.ts'
import { type House, openHouse } from './house.ts'

const PEOPLE = 100
const WARM_UP = 30
const PAUSE_MS = 20

/**
 * `npm run bench -- live [subscribers, with commas] [edits]`: one list on one door, from an edit to the last who follows it. The
 * subscribers are in this process, door and rooms in their own; each subscriber is one of 100 people.
 */
export async function run([sizes = '1,100,1000', count = '200']: readonly string[]): Promise<void> {
  const edits = Number(count)
  await using house = await openHouse(1, { countsStatements: true })
  const people = await signUpPeople(house.doors[0]?.url ?? '', PEOPLE)
  const figures: Figure[] = []
  for (const size of sizes.split(',').map(Number))
    figures.push(...(await measure(house, people, size, edits)))
  report('live', figures)
}

async function measure(
  house: House,
  people: readonly ApiClient[],
  size: number,
  edits: number,
): Promise<Figure[]> {
  const door = house.doors[0] as House['doors'][0]
  const [owner] = people as [ApiClient]
  const id = await createSharedList([owner], 'PUBLIC')
  const tracks = await findTracks(owner)
  const socket = openSocket(door.url, owner)
  const editor = createEditor(socket, id, 'editor')
  const watcher = openWatcher(door.url, owner, id)
  await reach([watcher], 1)
  const before = residentMb(door.pid)
  const audience = await openAudience(Number(new URL(door.url).port), people, id, size)
  const memoryMb = residentMb(door.pid) - before
  const chance = createChance(size)
  const fromSent: number[] = []
  const fromAccepted: number[] = []

  let made = 0
  const editOnce = async (): Promise<void> => {
    const sent = performance.now()
    const { outcome } = await editor.edit(drawEdit(chance, watcher.playlist.state().items, tracks))
    const accepted = performance.now()
    if (!outcome.isApplied) return
    const heard = await audience.hasHeard(made++)
    fromSent.push(heard - sent)
    fromAccepted.push(Math.max(0, heard - accepted))
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  const edit = async (times: number): Promise<void> => {
    for (const target = made + times; made < target; ) {
      await editOnce()
      showProgress(`${size} subscribers, edits`, made, target)
    }
  }
  await edit(WARM_UP)
  fromSent.length = 0
  fromAccepted.length = 0
  const effort = await effortOf(house, edits, () => edit(edits))
  audience.close()
  watcher.close()
  editor.close()
  socket.close()
  return [
    {
      what: `${size}: edit accepted to the last socket, p50`,
      value: percentile(fromAccepted, 0.5),
      unit: 'ms',
    },
    { what: `${size}: the same, p99`, value: percentile(fromAccepted, 0.99), unit: 'ms' },
    { what: `${size}: edit sent to the last socket, p50`, value: percentile(fromSent, 0.5), unit: 'ms' },
    { what: `${size}: the same, p99`, value: percentile(fromSent, 0.99), unit: 'ms' },
    { what: `${size}: database statements an edit`, value: effort.statements, unit: '' },
    { what: `${size}: subgraph requests an edit`, value: effort.requests, unit: '' },
    { what: `${size}: memory of the door a subscriber`, value: (memoryMb * 1_024) / size, unit: 'kB' },
  ]
}
