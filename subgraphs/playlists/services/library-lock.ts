import { Prisma } from '../generated/prisma/client.ts'

export interface LibraryRow {
  userId: string
  savedTracks: number
  savedAlbums: number
}

export const libraryColumns = Prisma.sql`
  user_id AS "userId", saved_tracks AS "savedTracks", saved_albums AS "savedAlbums"`

/** A person's library, made now if there is none, locked until the transaction ends: whoever changes anything of it comes here first. */
export async function lockLibrary(tx: Prisma.TransactionClient, userId: string): Promise<LibraryRow> {
  await tx.$executeRaw`INSERT INTO library (user_id) VALUES (${userId}) ON CONFLICT DO NOTHING`
  const [row] = await tx.$queryRaw<LibraryRow[]>`
    SELECT ${libraryColumns} FROM library WHERE user_id = ${userId} FOR UPDATE`
  if (row === undefined) throw new Error('A library is never deleted')
  return row
}
