import { payload } from '#shared/errors.ts'
import type { Context } from '../context.ts'
import type { MutationResolvers } from '../generated/graphql.ts'
import { forget } from '../loaders.ts'

const NO_PLAYLIST = { playlistId: null }
const NO_FOLDER = { folderId: null }
const NO_REVISION = { revision: null, alreadyApplied: null }

export const Mutation: MutationResolvers = {
  playlistCreate: (_, { input }, context) =>
    answer(context, NO_PLAYLIST, () => context.playlists.create(context.identity, input)),

  playlistAddItems: (_, { input }, context) =>
    answer(context, { ...NO_REVISION, items: [], skipped: [] }, () =>
      context.playlists.addItems(context.identity, input),
    ),

  playlistRemoveItems: (_, { input }, context) =>
    answer(context, NO_REVISION, () => context.playlists.removeItems(context.identity, input)),

  playlistMoveItems: (_, { input }, context) =>
    answer(context, { revision: null, anchorMoved: null }, () =>
      context.playlists.moveItems(context.identity, input),
    ),

  playlistUpdate: (_, { input }, context) =>
    answer(context, { ...NO_PLAYLIST, ...NO_REVISION }, () =>
      context.playlists.update(context.identity, input),
    ),

  playlistUndo: (_, { input }, context) =>
    answer(context, NO_REVISION, () => context.playlists.undo(context.identity, input)),

  playlistDelete: (_, { input }, context) =>
    answer(context, { deletedId: null }, () => context.playlists.delete(context.identity, input)),

  playlistInviteCreate: (_, { input }, context) =>
    answer(context, { invite: null }, () => context.playlists.createInvite(context.identity, input)),

  playlistInviteRevoke: (_, { input }, context) =>
    answer(context, NO_PLAYLIST, () => context.playlists.revokeInvites(context.identity, input)),

  playlistJoin: (_, { input }, context) =>
    answer(context, NO_PLAYLIST, () => context.playlists.join(context.identity, input)),

  playlistCollaboratorRemove: (_, { input }, context) =>
    answer(context, NO_PLAYLIST, () => context.playlists.removeMember(context.identity, input)),

  playlistFollow: (_, { input }, context) =>
    answer(context, NO_PLAYLIST, () => context.playlists.follow(context.identity, input)),

  playlistCoverUpload: (_, { input }, context) =>
    answer(context, { upload: null }, () => context.covers.requestUpload(context.identity, input)),

  playlistCoverRemove: (_, { input }, context) =>
    answer(context, NO_PLAYLIST, () => context.covers.remove(context.identity, input)),

  librarySave: (_, { input }, context) =>
    answer(context, { saved: [] }, () => context.playlists.save(context.identity, input)),

  playlistFolderCreate: (_, { input }, context) =>
    answer(context, NO_FOLDER, () => context.folders.create(context.identity, input)),

  playlistFolderUpdate: (_, { input }, context) =>
    answer(context, NO_FOLDER, () => context.folders.update(context.identity, input)),

  playlistFolderDelete: (_, { input }, context) =>
    answer(context, { deletedId: null }, () => context.folders.delete(context.identity, input)),

  playlistFolderPut: (_, { input }, context) =>
    answer(context, NO_FOLDER, () => context.folders.put(context.identity, input)),

  playlistPresenceSet: (_, { input }, { presence, identity, loaders }) =>
    payload({}, () => presence.set(identity, loaders, input)),
}

/** The payload of an edit; what it shows of lists is read after it, also when a document holds several edits. */
async function answer<Empty extends object, Filled extends object>(
  context: Context,
  empty: Empty,
  work: () => Promise<Filled>,
): ReturnType<typeof payload<Empty, Filled>> {
  const answered = await payload(empty, work)
  forget(context.loaders)
  return answered
}
