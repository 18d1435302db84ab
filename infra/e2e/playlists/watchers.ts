import assert from 'node:assert/strict'
import type { Track } from '../../../web/playlist-client/change.ts'
import { type LivePlaylist, openPlaylist } from '../../../web/playlist-client/playlist.ts'
import type { ApiClient } from '../../testing/client.ts'
import { openSocket, type Socket } from './socket.ts'
import type { Table } from './table.ts'
import { createWitness, type Witness } from './witness.ts'

/** Somebody who follows a list with the playlist client, over a socket of their own. */
export interface Watcher {
  socket: Socket
  witness: Witness
  playlist: LivePlaylist<Track>
  close(): void
}

const PATIENCE_MS = 60_000

export function openWatcher(door: string, person: ApiClient | null, id: string): Watcher {
  const socket = openSocket(door, person)
  const witness = createWitness(socket)
  const playlist = openPlaylist<Track>({ transport: witness, id, trackFields: 'title' })
  return {
    socket,
    witness,
    playlist,
    close() {
      playlist.close()
      socket.close()
    },
  }
}

/** Waits until each has come as far as `revision`, with so many items if they are told; throws after a minute. */
export async function reach(
  watchers: readonly Watcher[],
  revision: number,
  itemCount?: number,
): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  const isThere = ({ playlist }: Watcher): boolean => {
    const { revision: own, items } = playlist.state()
    // Of a long list the first hundred come first.
    return (own ?? 0) >= revision && (itemCount === undefined || items.length === itemCount)
  }
  while (!watchers.every(isThere)) {
    const behind = watchers.filter((watcher) => !isThere(watcher))
    const state = behind[0]?.playlist.state()
    if (Date.now() > deadline)
      throw new Error(
        `${behind.length} watchers are behind ${revision}: ${state?.status}, ${state?.revision}`,
      )
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Each shows the list that the table has, and was told every edit once and in order. */
export function checkWatchers(watchers: readonly Watcher[], table: Table): void {
  for (const { playlist, witness } of watchers) {
    assert.deepEqual(
      playlist.state().items.map(({ id }) => id),
      table.items,
    )
    assert.equal(playlist.state().revision, table.revision)
    assert.deepEqual([witness.missing(), witness.repeated(), witness.disordered()], [0, 0, 0])
  }
}
