import { Prisma } from '../generated/prisma/client.ts'

/** The columns of a `PlaylistRow`, wherever the table goes by its own name. */
export const playlistColumns = Prisma.sql`
  playlist.id, playlist.owner_id AS "ownerId", playlist.name, playlist.description, playlist.visibility,
  playlist.collaborative, playlist.cover_id AS "coverId", playlist.revision, playlist.item_count AS "itemCount",
  playlist.follower_count AS "followerCount", playlist.rank_epoch AS "rankEpoch"`
