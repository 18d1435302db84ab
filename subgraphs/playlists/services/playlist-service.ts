import type { Identity } from '#shared/identity.ts'
import { type AddedItems, type AddItemsInput, addItems } from './add-items.ts'
import {
  type CreateInput,
  createPlaylist,
  deletePlaylist,
  type UpdateInput,
  updatePlaylist,
} from './details.ts'
import type { Edited, EditTools } from './edit.ts'
import { followPlaylist } from './followers.ts'
import {
  createInvite,
  type Invite,
  type InviteInput,
  joinPlaylist,
  type RevokeInput,
  revokeInvites,
} from './invites.ts'
import { type MemberInput, removeMember } from './members.ts'
import { type MovedItems, type MoveItemsInput, moveItems } from './move-items.ts'
import { type ItemsInput, removeItems } from './remove-items.ts'
import { type SaveInput, saveToLibrary } from './saved.ts'
import { type UndoInput, undoEdit } from './undo.ts'

interface Concerned {
  playlistId: string
}

/** Everything one can do to a list. Each verb is one transaction; throws Refusal, and then nothing has happened. */
export interface PlaylistService {
  create(identity: Identity, input: CreateInput): Promise<Concerned>
  update(identity: Identity, input: UpdateInput): Promise<Edited<Concerned>>
  delete(identity: Identity, input: Concerned): Promise<{ deletedId: string }>
  addItems(identity: Identity, input: AddItemsInput): Promise<Edited<AddedItems>>
  removeItems(identity: Identity, input: ItemsInput): Promise<Edited<object>>
  moveItems(identity: Identity, input: MoveItemsInput): Promise<Edited<MovedItems>>
  undo(identity: Identity, input: UndoInput): Promise<Edited<object>>
  createInvite(identity: Identity, input: InviteInput): Promise<{ invite: Invite }>
  revokeInvites(identity: Identity, input: RevokeInput): Promise<Concerned>
  join(identity: Identity, input: { token: string }): Promise<Concerned>
  removeMember(identity: Identity, input: MemberInput): Promise<Concerned>
  follow(identity: Identity, input: Concerned & { follow: boolean }): Promise<Concerned>
  save(identity: Identity, input: SaveInput): ReturnType<typeof saveToLibrary>
}

export function createPlaylistService(tools: EditTools): PlaylistService {
  return {
    create: (identity, input) => createPlaylist(tools, identity, input),
    update: (identity, input) => updatePlaylist(tools, identity, input),
    delete: (identity, input) => deletePlaylist(tools, identity, input.playlistId),
    addItems: (identity, input) => addItems(tools, identity, input),
    removeItems: (identity, input) => removeItems(tools, identity, input),
    moveItems: (identity, input) => moveItems(tools, identity, input),
    undo: (identity, input) => undoEdit(tools, identity, input),
    createInvite: (identity, input) => createInvite(tools, identity, input),
    revokeInvites: (identity, input) => revokeInvites(tools, identity, input),
    join: (identity, input) => joinPlaylist(tools, identity, input.token),
    removeMember: (identity, input) => removeMember(tools, identity, input),
    follow: (identity, input) => followPlaylist(tools, identity, input.playlistId, input.follow),
    save: (identity, input) => saveToLibrary(tools, identity, input),
  }
}
