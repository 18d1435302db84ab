import type { Chance } from '../../../gateway/execute/testing/chance.ts'
import type { Track } from '../../../web/playlist-client/change.ts'
import { editRequest } from '../../../web/playlist-client/documents.ts'
import type { Edit } from '../../../web/playlist-client/edit.ts'
import type { Position } from '../../../web/playlist-client/items.ts'
import { createNames } from '../../../web/playlist-client/names.ts'
import { createOutbox, type Transport } from '../../../web/playlist-client/outbox.ts'
import { outcomeOf } from '../../../web/playlist-client/outcome.ts'
import type { Settled } from './ledger.ts'

/** Somebody who edits a list and does not look at it: the sending half of the playlist client. */
export interface Editor {
  /** Resolves when the edit is acknowledged or refused. */
  edit(wanted: Edit<Track>): Promise<Settled>
  /** The same with a nonce that somebody else may send as well. */
  send(wanted: Edit<Track>, nonce: string): Promise<Settled>
  close(): void
}

/** `name` makes this editor's nonces. */
export function createEditor(transport: Transport, playlistId: string, name: string): Editor {
  const outbox = createOutbox(transport)
  const names = createNames()
  let edits = 0

  function send(wanted: Edit<Track>, nonce: string): Promise<Settled> {
    const request = editRequest(wanted, { playlistId, nonce }, names)
    if (request === null) throw new Error('An edit names something')
    return new Promise((resolve) => {
      outbox.post({
        write: () => request,
        settle: (answer) => resolve({ input: request.variables.input, outcome: outcomeOf(answer) }),
      })
    })
  }

  return { send, edit: (wanted) => send(wanted, `${name}-${++edits}`), close: outbox.close }
}

/** Beyond this many, items are removed as often as they are added. */
const ENOUGH = 150

/** A random edit of a list that shows `items`. */
export function drawEdit(
  chance: Chance,
  items: readonly { id: string }[],
  tracks: readonly Track[],
): Edit<Track> {
  const position = drawPosition(chance, items)
  const choice = items.length === 0 ? 0 : chance.below(items.length < ENOUGH ? 8 : 10)
  if (choice < 4) return { kind: 'ADD', tracks: [chance.pick(tracks)], position, onDuplicate: 'ALLOW' }
  const itemIds = [chance.pick(items).id]
  return choice < 7 ? { kind: 'MOVE', itemIds, position } : { kind: 'REMOVE', itemIds }
}

function drawPosition(chance: Chance, items: readonly { id: string }[]): Position {
  if (items.length === 0 || chance.onceIn(4)) return { end: true }
  const { id } = chance.pick(items)
  return chance.onceIn(2) ? { before: id } : { after: id }
}
