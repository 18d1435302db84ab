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
  const before = memoryOf(house)
  const audience = await openAudience(Number(new URL(door.url).port), people, id, size)
  const memoryKb = memoryOf(house, before)
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
  const row = (what: string, value: number, unit: string): Figure => ({
    what: `${size} subscribers: ${what}`,
    value,
    unit,
  })
  return [
    row('edit accepted to the last socket, p50', percentile(fromAccepted, 0.5), 'ms'),
    row('edit accepted to the last socket, p99', percentile(fromAccepted, 0.99), 'ms'),
    row('edit sent to the last socket, p50', percentile(fromSent, 0.5), 'ms'),
    row('edit sent to the last socket, p99', percentile(fromSent, 0.99), 'ms'),
    row('database statements an edit', effort.statements, ''),
    row('subgraph requests an edit', effort.requests, ''),
    row('memory of the door a subscriber', memoryKb.door / size, 'kB'),
    row('memory of the room a subscriber', memoryKb.room / size, 'kB'),
  ]
}

/** What door and room hold more than `before`, in kB. */
function memoryOf(house: House, before = { door: 0, room: 0 }): { door: number; room: number } {
  const kb = (pid = 0): number => residentMb(pid) * 1_024
  return {
    door: kb(house.doors[0]?.pid) - before.door,
    room: kb(house.room('playlists').pid) - before.room,
  }
}
