import { Refusal } from '#shared/errors.ts'
import { type Identity, requireUser } from '#shared/identity.ts'
import { publish } from '#shared/outbox.ts'
import { memberChanged } from '../events.ts'
import type { EditTools } from './edit.ts'
import { lockPlaylist, PATIENCE, playlistMissing } from './lock.ts'
import { findVisible } from './playlists.ts'

export interface MemberInput {
  playlistId: string
  userId: string
}

/** Ends a membership: anybody's by the owner, one's own by oneself. Who is no member stays none. */
export async function removeMember(
  { db, topic }: EditTools,
  identity: Identity,
  { playlistId, userId: memberId }: MemberInput,
): Promise<{ playlistId: string }> {
  const { userId } = requireUser(identity)
  const [playlist] = await findVisible(db, userId, [playlistId])
  if (playlist === undefined) throw playlistMissing()
  if (memberId === playlist.ownerId)
    throw new Refusal('BAD_USER_INPUT', 'A playlist keeps its owner', ['userId'])
  if (userId !== playlist.ownerId && userId !== memberId)
    throw new Refusal('FORBIDDEN', 'Only its owner may do this to a playlist', ['playlistId'])
  await db.$transaction(async (tx) => {
    // With the list held, so that no edit of the member's is on its way.
    await lockPlaylist(tx, playlistId)
    const { count } = await tx.collaborator.deleteMany({ where: { playlistId, userId: memberId } })
    if (count > 0) await publish(tx, [memberChanged(playlistId, memberId, false)])
  }, PATIENCE)
  topic.say(playlistId, 'left')
  return { playlistId }
}
