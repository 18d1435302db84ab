import type { Identity } from '#shared/identity.ts'
import {
  type Json,
  person,
  type RoomProcess,
  type TestList,
  type TestRoom,
  trackId,
  UNDO,
} from './playlists-room.ts'

export const ann = person('ann')
export const bob = person('bob')

/** Edits as tests say them: by Ann through one process of the room, by Bob through another. */
export interface Edits {
  /** A list of Ann's that Bob edits too. */
  shared(tracks: readonly number[]): Promise<TestList>
  add(who: Identity, playlistId: string, tracks: readonly number[], input?: object): Promise<Json>
  remove(who: Identity, playlistId: string, itemIds: readonly unknown[], input?: object): Promise<Json>
  move(
    who: Identity,
    playlistId: string,
    itemIds: readonly unknown[],
    position: object,
    input?: object,
  ): Promise<Json>
  update(who: Identity, playlistId: string, input: object): Promise<Json>
  undo(who: Identity, playlistId: string, revision: unknown, input?: object): Promise<Json>
}

export function createEdits(annsRoom: TestRoom, bobsRoom: RoomProcess): Edits {
  const by = (who: Identity, operation: string, input: object): Promise<Json> =>
    (who === bob ? bobsRoom : annsRoom).answer(operation, { input }, who)
  return {
    async shared(tracks) {
      const list = await annsRoom.create(ann, tracks, { collaborative: true })
      await annsRoom.join(list.id, ann, bob)
      return list
    },
    add: (who, playlistId, tracks, input) =>
      by(who, 'PlaylistAddItems', { playlistId, trackIds: tracks.map(trackId), ...input }),
    remove: (who, playlistId, itemIds, input) =>
      by(who, 'PlaylistRemoveItems', { playlistId, itemIds, ...input }),
    move: (who, playlistId, itemIds, position, input) =>
      by(who, 'PlaylistMoveItems', { playlistId, itemIds, position, ...input }),
    update: (who, playlistId, input) => by(who, 'PlaylistUpdate', { playlistId, ...input }),
    undo: (who, playlistId, revision, input) => by(who, UNDO, { playlistId, revision, ...input }),
  }
}

export function codeOf(payload: Json): unknown {
  return payload['userErrors']?.[0]?.['code'] ?? null
}
