import type { Pool } from 'pg'
import { createChance } from '../../../gateway/execute/testing/chance.ts'
import type { ApiClient } from '../../testing/client.ts'
import { createEditor, drawEdit, type Editor } from './editor.ts'
import { checkLedger, type Settled } from './ledger.ts'
import { createSharedList, findTracks } from './people.ts'
import { openSocket } from './socket.ts'
import { readTable } from './table.ts'
import { checkWatchers, openWatcher, reach } from './watchers.ts'

export interface EditorsOptions {
  door: string
  db: Pool
  /** Each edits over a socket of their own, one edit after the other. */
  people: readonly ApiClient[]
  edits: number
  /** How often, evenly over the edits, the room is killed. */
  kills: number
  /** Ends the room as a power cut would, and has it back. */
  kill(): Promise<void>
  seed: number
  onProgress?(done: number): void
}

export interface EditorsResult {
  applied: number
  refused: number
  seconds: number
  /** Of these, those in which nothing was acknowledged for a quarter of a second and more: the room was away. */
  secondsDown: number
  /** From sending an edit to its acknowledgement. */
  latenciesMs: number[]
}

const WATCHERS = 2
const AWAY_MS = 250

/** Many edit one list at once while its room is killed. Throws when an edit is lost or made twice, or a watcher is not told all. */
export async function runEditors(options: EditorsOptions): Promise<EditorsResult> {
  const { door, db, people, edits, kills, kill, seed, onProgress } = options
  const [owner] = people as [ApiClient]
  const id = await createSharedList(people)
  const tracks = await findTracks(owner)
  const sockets = people.map((person) => openSocket(door, person))
  const editors = sockets.map((socket, n) => createEditor(socket, id, `editor-${n}`))
  const watchers = people.slice(0, WATCHERS).map((person) => openWatcher(door, person, id))
  const killAt = new Set(Array.from({ length: kills }, (_, n) => Math.round((edits * (n + 1)) / (kills + 1))))
  const settled: Settled[] = []
  const latenciesMs: number[] = []
  const killed: Promise<void>[] = []
  let acknowledgedAt = 0
  let downMs = 0
  let sent = 0

  const editOn = async (editor: Editor, n: number): Promise<void> => {
    const chance = createChance(seed + n)
    while (sent++ < edits) {
      const begun = performance.now()
      const { items } = watchers[n % WATCHERS]?.playlist.state() ?? { items: [] }
      settled.push(await editor.edit(drawEdit(chance, items, tracks)))
      const now = performance.now()
      latenciesMs.push(now - begun)
      if (acknowledgedAt > 0 && now - acknowledgedAt > AWAY_MS) downMs += now - acknowledgedAt
      acknowledgedAt = now
      if (killAt.has(settled.length)) killed.push(kill())
      onProgress?.(settled.length)
    }
  }

  try {
    await reach(watchers, 1)
    const begun = performance.now()
    await Promise.all(editors.map(editOn))
    const seconds = (performance.now() - begun) / 1_000
    await Promise.all(killed)
    const table = await readTable(db, id)
    await reach(watchers, table.revision)
    checkWatchers(watchers, table)
    checkLedger(table, settled)
    const applied = settled.filter(({ outcome }) => outcome.isApplied).length
    return {
      applied,
      refused: settled.length - applied,
      seconds,
      secondsDown: downMs / 1_000,
      latenciesMs,
    }
  } finally {
    for (const one of [...editors, ...watchers, ...sockets]) one.close()
  }
}
