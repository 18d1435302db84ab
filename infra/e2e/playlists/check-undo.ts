import assert from 'node:assert/strict'
import type { Outcome } from '../../../web/playlist-client/outcome.ts'
import type { LivePlaylist } from '../../../web/playlist-client/playlist.ts'

/**
 * While nobody else edits, an edit that is taken back leaves the list as it was. `catchUp` waits until the playlist shows what the
 * table has; `chance` chooses the edit. Returns what became of the edit and of its undo.
 */
export async function checkUndo(
  playlist: LivePlaylist<{ id: string }>,
  tracks: readonly { id: string }[],
  chance: number,
  catchUp: () => Promise<void>,
): Promise<Outcome[]> {
  await catchUp()
  const before = shown(playlist)
  const ids = before.items
  const chosen = [...new Set([ids[chance % ids.length], ids[(chance * 7) % ids.length]])]
  const some = chosen.filter((id) => id !== undefined)
  const edits = [
    () => playlist.add(tracks.slice(0, 1 + (chance % 5)), { start: true }),
    () => playlist.update({ name: `a name like no other ${chance}` }),
    () => playlist.remove(some),
    () => playlist.move(some, chance % 2 === 0 ? { start: true } : { end: true }),
  ]
  const made = await edits[chance % (some.length === 0 ? 2 : edits.length)]?.()
  assert.ok(made?.isApplied, JSON.stringify(made))
  const undone = await playlist.undo(made.revision)
  assert.ok(undone.isApplied, JSON.stringify(undone))
  await catchUp()
  assert.deepEqual(shown(playlist), before, 'an edit that was taken back has left something')
  return [made, undone]
}

function shown(playlist: LivePlaylist<{ id: string }>): { items: string[]; name: string | undefined } {
  const { items, details } = playlist.state()
  return { items: items.map(({ id }) => id), name: details?.name }
}
