import { payload } from '#shared/errors.ts'
import type { Context } from '../context.ts'
import type { MutationResolvers } from '../generated/graphql.ts'
import { forget } from '../loaders.ts'

const NO_PLAYLIST = { playlistId: null }
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

  playlistDelete: (_, { input }, context) =>
    answer(context, { deletedId: null }, () => context.playlists.delete(context.identity, input)),

  playlistInviteCreate: (_, { input }, context) =>
    answer(context, { invite: null }, () => context.playlists.createInvite(context.identity, input)),

  playlistJoin: (_, { input }, context) =>
    answer(context, NO_PLAYLIST, () => context.playlists.join(context.identity, input)),

  playlistFollow: (_, { input }, context) =>
    answer(context, NO_PLAYLIST, () => context.playlists.follow(context.identity, input)),
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
