import assert from 'node:assert/strict'
import { type Chance, createChance } from '../../../gateway/execute/testing/chance.ts'
import type { Track } from '../../../web/playlist-client/change.ts'
import type { Transport } from '../../../web/playlist-client/outbox.ts'
import { openPlaylist } from '../../../web/playlist-client/playlist.ts'
import { createEditor, drawEdit, type Editor } from './editor.ts'
import { checkLedger, type Settled } from './ledger.ts'
import type { Table } from './table.ts'

/** One person at two processes of the room, or at two doors to them. */
export interface Twin {
  here: Transport
  there: Transport
}

export interface RetriesOptions {
  playlistId: string
  editors: readonly Twin[]
  tracks: readonly Track[]
  edits: number
  /** Of a hundred edits, how many are sent again: up to three times more, at once or later. */
  percent: number
  seed: number
  read(): Promise<Table>
  onProgress?(done: number): void
}

export interface RetriesResult {
  applied: number
  refused: number
  /** Requests beyond the first of an edit. */
  repeats: number
}

/** Edits by several, some sent again by their nonce. Throws when one was made twice, or a repeat was told something else. */
export async function runRetries(options: RetriesOptions): Promise<RetriesResult> {
  const { playlistId, editors, tracks, edits, percent, seed, read, onProgress } = options
  const transport = editors[0]?.here as Transport
  const watched = openPlaylist<Track>({ transport, id: playlistId, trackFields: '' })
  const settled: Settled[] = []
  let [sent, repeats] = [0, 0]

  const editOn = async ({ here, there }: Twin, n: number): Promise<void> => {
    const chance = createChance(seed + n)
    const name = `editor-${n}`
    const pair = [createEditor(here, playlistId, name), createEditor(there, playlistId, name)] as const
    while (sent < edits) {
      const nonce = `${name}-${sent++}`
      const wanted = drawEdit(chance, watched.state().items, tracks)
      const copies = chance.below(100) < percent ? 1 + chance.below(3) : 0
      const [first, ...others] = await sendAll(chance, pair, copies, (editor) => editor.send(wanted, nonce))
      repeats += others.length
      for (const other of others) assert.deepEqual(told(other), told(first))
      settled.push(first)
      onProgress?.(settled.length)
    }
    for (const editor of pair) editor.close()
  }

  try {
    await Promise.all(editors.map(editOn))
    checkLedger(await read(), settled)
  } finally {
    watched.close()
  }
  const applied = settled.filter(({ outcome }) => outcome.isApplied).length
  return { applied, refused: settled.length - applied, repeats }
}

/** The first and its copies, each by whichever process; half of the copies only once the first is answered. */
async function sendAll(
  chance: Chance,
  pair: readonly [Editor, Editor],
  copies: number,
  send: (editor: Editor) => Promise<Settled>,
): Promise<[Settled, ...Settled[]]> {
  const first = send(chance.pick(pair))
  if (chance.onceIn(2)) await first
  const others = Array.from({ length: copies }, () => send(chance.pick(pair)))
  return [await first, ...(await Promise.all(others))]
}

/** What every answer to one nonce has in common: not whether it was the first, nor where an item stood that is gone. */
function told({ outcome }: Settled): unknown {
  return outcome.isApplied ? { ...outcome, alreadyApplied: true } : outcome.refusal.code
}
