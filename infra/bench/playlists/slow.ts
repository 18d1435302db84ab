import { createChance } from '../../../gateway/execute/testing/chance.ts'
import { createEditor, drawEdit, type Editor } from '../../e2e/playlists/editor.ts'
import { checkLedger, type Settled } from '../../e2e/playlists/ledger.ts'
import { createSharedList, findTracks, signUpPeople } from '../../e2e/playlists/people.ts'
import { openSocket } from '../../e2e/playlists/socket.ts'
import { readTable } from '../../e2e/playlists/table.ts'
import { checkWatchers, openWatcher, reach } from '../../e2e/playlists/watchers.ts'
import type { ApiClient } from '../../testing/client.ts'
import { residentMb } from '../gateway/process.ts'
import { showProgress } from '../progress.ts'
import { percentile, report } from '../report.ts'
import { openAudience } from './audience.ts'
import { type House, openHouse } from './house.ts'

const PEOPLE = 20
const SOCKETS = 500
const SLEEPERS = 50
const EDITORS = 4
/** Edits while everybody reads, to compare with. */
const SHARE_AWAKE = 0.2
/** Nobody edits while this many edits have not reached everybody who reads. */
const UNDER_WAY = 8

interface Phase {
  /** From sending an edit to the last who reads. */
  heardMs: number[]
  /** The most that the door held. */
  memoryMb: number
}

/** `npm run bench -- slow [edits]`: 50 of 500 who follow a list stop reading while it is edited, and go on afterwards. */
export async function run([count = '20000']: readonly string[]): Promise<void> {
  const edits = Number(count)
  await using house = await openHouse()
  const door = house.doors[0] as House['doors'][0]
  const people = await signUpPeople(door.url, PEOPLE)
  const [owner] = people as [ApiClient]
  const id = await createSharedList(people.slice(0, EDITORS), 'PUBLIC')
  const tracks = await findTracks(owner)
  const watcher = openWatcher(door.url, owner, id)
  const sleepers = Array.from({ length: SLEEPERS }, (_, n) =>
    openWatcher(door.url, people[n % PEOPLE] as ApiClient, id),
  )
  await reach([watcher, ...sleepers], 1)
  const firstRevision = (watcher.playlist.state().revision ?? 0) + 1
  const audience = await openAudience(Number(new URL(door.url).port), people, id, SOCKETS - SLEEPERS)
  const sockets = people.slice(0, EDITORS).map((person) => openSocket(door.url, person))
  const editors = sockets.map((socket, n) => createEditor(socket, id, `editor-${n}`))
  const chance = createChance(edits)
  const settled: Settled[] = []
  let made = 0

  async function phase(name: string, wanted: number): Promise<Phase> {
    const heardMs: number[] = []
    let memoryMb = 0
    const until = made + wanted
    const looking = setInterval(() => {
      memoryMb = Math.max(memoryMb, residentMb(door.pid))
    }, 250)
    const editOn = async (editor: Editor): Promise<void> => {
      while (made < until) {
        await audience.hasHeard(made - UNDER_WAY)
        const sent = performance.now()
        const one = await editor.edit(drawEdit(chance, watcher.playlist.state().items, tracks))
        settled.push(one)
        if (!one.outcome.isApplied) continue
        const edit = one.outcome.revision - firstRevision
        made = Math.max(made, edit + 1)
        void audience.hasHeard(edit).then((at) => heardMs.push(at - sent))
        showProgress(name, made, until)
      }
    }
    await Promise.all(editors.map(editOn))
    await audience.hasHeard(made - 1)
    clearInterval(looking)
    return { heardMs, memoryMb }
  }

  const awake = await phase('Edits, everybody reads', Math.round(edits * SHARE_AWAKE))
  for (const { socket } of sleepers) socket.sleep()
  const asleep = await phase(`Edits, ${SLEEPERS} do not read`, edits)
  for (const { socket } of sleepers) socket.wake()
  const table = await readTable(house.db, id)
  await reach([watcher, ...sleepers], table.revision, table.items.length)
  checkWatchers([watcher, ...sleepers], table)
  checkLedger(table, settled)
  for (const one of [audience, watcher, ...sleepers, ...editors, ...sockets]) one.close()
  const p99 = (phase: Phase): number => percentile(phase.heardMs, 0.99)
  report(`slow: ${SLEEPERS} of ${SOCKETS} sockets stop reading`, [
    { what: 'edits while they do not read', value: edits, unit: '' },
    { what: 'memory of the door before', value: awake.memoryMb, unit: 'MB' },
    { what: 'memory added', value: asleep.memoryMb - awake.memoryMb, unit: 'MB' },
    { what: 'p99 of the others before', value: p99(awake), unit: 'ms' },
    { what: 'p99 of the others meanwhile', value: p99(asleep), unit: 'ms' },
    { what: 'the same, times what it was', value: p99(asleep) / p99(awake), unit: '' },
    { what: 'sleepers that have the whole list again', value: SLEEPERS, unit: '' },
  ])
}
