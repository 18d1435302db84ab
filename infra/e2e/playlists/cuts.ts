import assert from 'node:assert/strict'
import type { Pool } from 'pg'
import { createChance } from '../../../gateway/execute/testing/chance.ts'
import type { ApiClient } from '../../testing/client.ts'
import { createEditor, drawEdit, type Editor } from './editor.ts'
import { checkLedger, type Settled } from './ledger.ts'
import { createSharedList, findTracks } from './people.ts'
import { openSocket } from './socket.ts'
import { readTable } from './table.ts'
import { checkWatchers, openWatcher, reach } from './watchers.ts'

export interface CutsOptions {
  /** Editors and watchers take turns at them. */
  doors: readonly string[]
  db: Pool
  /** The first of them edit, all of them watch. */
  people: readonly ApiClient[]
  watchers: number
  /** Of each watcher's socket, at moments of its own. */
  cuts: number
  edits: number
  seed: number
  onProgress?(done: number): void
}

export interface CutsResult {
  seconds: number
  /** Edits that were told to watchers. */
  told: number
  /** Sockets that were opened, the first of each included. */
  connections: number
}

const EDITORS = 4

/** Watchers lose their sockets while a list is edited, and one comes when half of it is done. Throws when one of them misses an edit, or gets one twice or out of order. */
export async function runCuts(options: CutsOptions): Promise<CutsResult> {
  const { doors, db, people, cuts, edits, seed, onProgress } = options
  const doorOf = (n: number): string => doors[n % doors.length] ?? ''
  const [owner] = people as [ApiClient]
  const id = await createSharedList(people.slice(0, EDITORS), 'PUBLIC')
  const tracks = await findTracks(owner)
  const chance = createChance(seed)
  const watchers = Array.from({ length: options.watchers }, (_, n) =>
    openWatcher(doorOf(n), people[n % people.length] ?? owner, id),
  )
  const sockets = people.slice(0, EDITORS).map((person, n) => openSocket(doorOf(n), person))
  const editors = sockets.map((socket, n) => createEditor(socket, id, `editor-${n}`))
  const moments = watchers.map(() => drawMoments(cuts, edits, (end) => chance.below(end)))
  const settled: Settled[] = []
  let sent = 0

  const editOn = async (editor: Editor, n: number): Promise<void> => {
    while (sent++ < edits) {
      const { items } = chance.pick(watchers).playlist.state()
      settled.push(await editor.edit(drawEdit(chance, items, tracks)))
      for (const [at, moment] of moments.entries()) if (moment.has(settled.length)) watchers[at]?.socket.cut()
      if (settled.length === Math.floor(edits / 2)) watchers.push(openWatcher(doorOf(n), owner, id))
      onProgress?.(settled.length)
    }
  }

  try {
    await reach(watchers, 1)
    const begun = performance.now()
    await Promise.all(editors.map(editOn))
    const table = await readTable(db, id)
    await reach(watchers, table.revision)
    const seconds = (performance.now() - begun) / 1_000
    checkLedger(table, settled)
    checkWatchers(watchers, table)
    const connections = watchers.reduce((sum, { socket }) => sum + socket.connections(), 0)
    assert.ok(connections > watchers.length)
    return { seconds, connections, told: watchers.reduce((sum, { witness }) => sum + witness.told(), 0) }
  } finally {
    for (const one of [...editors, ...watchers, ...sockets]) one.close()
  }
}

/** After which edits a socket is cut. */
function drawMoments(cuts: number, edits: number, below: (end: number) => number): Set<number> {
  const moments = new Set<number>()
  while (moments.size < Math.min(cuts, edits - 1)) moments.add(1 + below(edits - 1))
  return moments
}
