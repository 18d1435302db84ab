import type { MemberRole, PlaylistRole, Visibility } from '../models.ts'

interface Guarded {
  ownerId: string
  visibility: Visibility
  collaborative: boolean
}

/** Whether a person (null = anonymous) may see a list at all. Where not, the list is as good as missing. */
export function canSee(playlist: Guarded, userId: string | null, memberRole: MemberRole | null): boolean {
  return (
    playlist.visibility === 'PUBLIC' || (userId !== null && roleOf(playlist, userId, memberRole) !== null)
  )
}

/**
 * What a person may do now. Editors edit while the list is collaborative, and only look while it is not; who is no member
 * of a public list looks too. Null for the anonymous and for those who may not see the list.
 */
export function roleOf(
  playlist: Guarded,
  userId: string | null,
  memberRole: MemberRole | null,
): PlaylistRole | null {
  if (userId === null) return null
  if (playlist.ownerId === userId) return 'OWNER'
  if (memberRole === 'EDITOR' && playlist.collaborative) return 'EDITOR'
  return memberRole !== null || playlist.visibility === 'PUBLIC' ? 'VIEWER' : null
}

/** The owner, and whoever joined: to them the list's history is open, however long they have been here. */
export function isMember(
  { ownerId }: Pick<Guarded, 'ownerId'>,
  userId: string | null,
  memberRole: MemberRole | null,
): boolean {
  return userId !== null && (ownerId === userId || memberRole !== null)
}
