import type { Track } from './change.ts'
import type { Edit } from './edit.ts'
import type { Names } from './names.ts'

/** No field here depends on who asks: so the door makes each message once for all who follow a list. Keep it so in `trackFields`. */
export function changesQuery(trackFields: string): string {
  return `subscription PlaylistChanged($id: ID!, $sinceRevision: Int) {
    playlistChanged(id: $id, sinceRevision: $sinceRevision) {
      kind revision parentRevision at nonce
      actor { id displayName }
      ops {
        __typename
        ... on ItemsAdded { items { id track { id ${trackFields} } } after }
        ... on ItemsRemoved { itemIds }
        ... on ItemsMoved { itemIds after }
      }
      playlist { name description visibility collaborative }
    }
  }`
}

const ERRORS = 'userErrors { code message }'
const MUTATIONS = {
  ADD: mutation(
    'AddItems',
    `revision alreadyApplied items { id track { id } } skipped { trackId reason } ${ERRORS}`,
  ),
  REMOVE: mutation('RemoveItems', `revision alreadyApplied ${ERRORS}`),
  MOVE: mutation('MoveItems', `revision anchorMoved ${ERRORS}`),
  UPDATE: mutation('Update', `revision alreadyApplied ${ERRORS}`),
  UNDO: mutation('Undo', `revision ${ERRORS}`),
} satisfies Record<Edit<Track>['kind'], string>

function mutation(name: string, fields: string): string {
  return `mutation Playlist${name}($input: Playlist${name}Input!) { playlist${name}(input: $input) { ${fields} } }`
}

/** The request that an edit is; null when all that it names was never added. */
export function editRequest<T extends Track>(
  edit: Edit<T>,
  about: { playlistId: string; nonce: string },
  names: Names,
): { query: string; variables: { input: Record<string, unknown> } } | null {
  const content = contentOf(edit, names)
  if ('itemIds' in content && content.itemIds.length === 0) return null
  return { query: MUTATIONS[edit.kind], variables: { input: { ...about, ...content } } }
}

function contentOf<T extends Track>(edit: Edit<T>, names: Names): object | { itemIds: readonly string[] } {
  switch (edit.kind) {
    case 'ADD':
      return {
        trackIds: edit.tracks.map(({ id }) => id),
        position: names.position(edit.position),
        onDuplicate: edit.onDuplicate,
      }
    case 'REMOVE':
      return { itemIds: names.actualIds(edit.itemIds) }
    case 'MOVE':
      return { itemIds: names.actualIds(edit.itemIds), position: names.position(edit.position) }
    case 'UPDATE':
      return edit.details
    case 'UNDO':
      return { revision: edit.revision }
  }
}
