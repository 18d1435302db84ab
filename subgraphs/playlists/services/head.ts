import type { PrismaClient } from '../generated/prisma/client.ts'
import type { Edit, MemberRole, Members, PlaylistRow } from '../models.ts'
import { canSee } from './access.ts'
import { type EditRow, editColumns, toEdit } from './edit-row.ts'
import { playlistColumns } from './playlist-row.ts'

/** What decides, at one instant, how far a list has come and who may see it. */
export interface Head {
  playlist: PlaylistRow
  isDeleted: boolean
  members: Members
}

/** A list to look at, with the revision that is known of it (null = none). */
export interface Asked {
  id: string
  revision: number | null
}

/** What one look brings: the head, and the edits since the known revision, as far as one look reaches. */
export interface Sight {
  head: Head
  edits: Edit[]
}

const MOST_EDITS = 100

/** Looks at any number of lists with one statement: head and edits are of one instant. */
export async function lookAt(db: PrismaClient, asked: readonly Asked[]): Promise<Sight[]> {
  const rows = await db.$queryRaw<(PlaylistRow & Omit<Head, 'playlist'> & { edits: EditRow[] })[]>`
    SELECT ${playlistColumns}, deleted_at IS NOT NULL AS "isDeleted",
           (SELECT coalesce(jsonb_object_agg(user_id, role), '{}')
              FROM collaborator WHERE playlist_id = playlist.id) AS members,
           (SELECT coalesce(jsonb_agg(to_jsonb(news) ORDER BY news.revision), '[]') FROM (
                   SELECT ${editColumns} FROM playlist_op op
                    WHERE op.playlist_id = playlist.id AND op.revision > asked.revision
                    ORDER BY op.revision LIMIT ${MOST_EDITS}) AS news) AS edits
      FROM unnest(${asked.map((one) => one.id)}::text[], ${asked.map((one) => one.revision)}::int[]) AS asked(id, revision)
      JOIN playlist ON playlist.id = asked.id`
  return rows.map(({ isDeleted, members, edits, ...playlist }) => ({
    head: { playlist, isDeleted, members },
    edits: edits.map((row) => toEdit(playlist.id, { ...row, at: new Date(row.at) })),
  }))
}

export function memberRoleIn({ members }: Pick<Head, 'members'>, userId: string | null): MemberRole | null {
  return userId === null ? null : (members[userId] ?? null)
}

/** Whether a person (null = anonymous) may see the list as it then is. */
export function canSeeAt(head: Head, userId: string | null): boolean {
  return canSee(head.playlist, userId, memberRoleIn(head, userId))
}
