import { encodeCursor, type Page, toConnection } from '#shared/connection.ts'
import { AppError, Refusal } from '#shared/errors.ts'
import { isIdOf } from '#shared/id.ts'
import { type Identity, requireUser } from '#shared/identity.ts'
import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import type { SavedKind, SavedPage, SavedRow } from '../models.ts'
import type { EditTools } from './edit.ts'
import { findWrong, requireIds } from './ids.ts'
import { type LibraryRow, libraryColumns, lockLibrary } from './library-lock.ts'
import { PATIENCE } from './lock.ts'

export interface SavedQuery {
  userId: string
  kind: SavedKind
  first: number
  after: SavedRow | null
}

export interface SaveInput {
  ids: readonly string[]
  save?: boolean | null | undefined
}

const MOST = 10_000

/**
 * Saves tracks and albums, or takes them out of the library; what is so already stays so. All or none: one that does not
 * exist cannot be saved. Answers what was named and exists.
 */
export async function saveToLibrary(
  { db }: Pick<EditTools, 'db'>,
  identity: Identity,
  { ids, save }: SaveInput,
): Promise<{ saved: { id: string; kind: SavedKind }[] }> {
  const { userId } = requireUser(identity)
  requireIds(ids, 'ids')
  const strange = findWrong(ids, 'ids', (id) => kindOf(id) === null)
  if (strange !== null) throw new Refusal('BAD_USER_INPUT', 'Tracks and albums can be saved', strange.path)
  const wanted = [...new Set(ids)]
  return db.$transaction(async (tx) => {
    const library = await lockLibrary(tx, userId)
    const known = await findExisting(tx, wanted)
    const unknown = findWrong(ids, 'ids', (id) => !known.has(id))
    if (save !== false && unknown !== null)
      throw new Refusal('NOT_FOUND', 'There is no such track or album', unknown.path)
    await (save === false ? takeOut(tx, library, wanted) : putIn(tx, library, wanted))
    const saved = wanted.filter((id) => known.has(id)).map((id) => ({ id, kind: kindOf(id) ?? 'TRACK' }))
    return { saved }
  }, PATIENCE)
}

async function findExisting(tx: Prisma.TransactionClient, ids: readonly string[]): Promise<Set<string>> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM track WHERE id = ANY (${ids}::text[]) AND NOT is_removed
     UNION ALL
    SELECT album.id FROM unnest(${ids}::text[]) AS album(id)
     WHERE EXISTS (SELECT FROM track WHERE album_id = album.id AND NOT is_removed)`
  return new Set(rows.map((row) => row.id))
}

/** Of several saved at once the first named is the newest. */
async function putIn(
  tx: Prisma.TransactionClient,
  library: LibraryRow,
  ids: readonly string[],
): Promise<void> {
  const rows = await tx.$queryRaw<{ kind: SavedKind }[]>`
    INSERT INTO saved (user_id, id, kind, saved_at)
    SELECT ${library.userId}, id, kind, now.at - place * interval '1 microsecond'
      FROM unnest(${ids}::text[], ${ids.map(kindOf)}::text[]) WITH ORDINALITY AS wanted(id, kind, place),
           (SELECT clock_timestamp() AS at) AS now
    ON CONFLICT DO NOTHING RETURNING kind`
  await count(tx, library, rows, 1)
}

async function takeOut(
  tx: Prisma.TransactionClient,
  library: LibraryRow,
  ids: readonly string[],
): Promise<void> {
  const rows = await tx.$queryRaw<{ kind: SavedKind }[]>`
    DELETE FROM saved WHERE user_id = ${library.userId} AND id = ANY (${ids}::text[]) RETURNING kind`
  await count(tx, library, rows, -1)
}

/** The library holds so many more, or fewer. */
async function count(
  tx: Prisma.TransactionClient,
  { userId, savedTracks, savedAlbums }: LibraryRow,
  rows: readonly { kind: SavedKind }[],
  sign: 1 | -1,
): Promise<void> {
  const albums = rows.filter((row) => row.kind === 'ALBUM').length
  const tracksNow = savedTracks + sign * (rows.length - albums)
  const albumsNow = savedAlbums + sign * albums
  if (Math.max(tracksNow, albumsNow) > MOST)
    throw new Refusal('LIMIT_REACHED', `A library holds at most ${MOST} tracks and ${MOST} albums`, ['ids'])
  await tx.$executeRaw`
    UPDATE library SET saved_tracks = ${tracksNow}, saved_albums = ${albumsNow} WHERE user_id = ${userId}`
}

export function savedQuery(userId: string, kind: SavedKind, { first, after }: Page): SavedQuery {
  if (after === null) return { userId, kind, first, after: null }
  const [since = '', id = ''] = after
  if (!/^\d{1,17}$/.test(since) || kindOf(id) !== kind)
    throw new AppError('BAD_USER_INPUT', 'This cursor is not of a list of what is saved')
  return { userId, kind, first, after: { since, id } }
}

/** Pages of any number of libraries in one read, newest first, one row more than asked for each. */
export async function findSaved(db: PrismaClient, queries: readonly SavedQuery[]): Promise<SavedRow[][]> {
  const rows = await db.$queryRaw<(SavedRow & { place: number })[]>`
    SELECT asked.place::int, page.id, (extract(epoch FROM page.saved_at) * 1000000)::bigint::text AS since
      FROM unnest(${queries.map((query) => query.userId)}::text[], ${queries.map((query) => query.kind)}::text[],
                  ${queries.map((query) => query.first + 1)}::int[],
                  ${queries.map((query) => query.after?.since ?? null)}::bigint[],
                  ${queries.map((query) => query.after?.id ?? null)}::text[])
           WITH ORDINALITY AS asked(user_id, kind, size, since, id, place)
     CROSS JOIN LATERAL (
           SELECT * FROM saved
            WHERE saved.user_id = asked.user_id AND saved.kind = asked.kind
              AND (saved_at, saved.id) < (coalesce(timestamptz 'epoch' + asked.since * interval '1 microsecond', 'infinity'),
                                          coalesce(asked.id, ''))
            ORDER BY saved_at DESC, saved.id DESC LIMIT asked.size) AS page
     ORDER BY asked.place, page.saved_at DESC, page.id DESC`
  const pages: SavedRow[][] = queries.map(() => [])
  for (const { place, ...row } of rows) pages[place - 1]?.push(row)
  return pages
}

export function savedConnection(rows: readonly SavedRow[], page: Page, totalCount: number): SavedPage {
  return toConnection(rows, page, (row) => encodeCursor(row.since, row.id), { totalCount })
}

/** How much each library holds; one that does not exist yet is left out. */
export function findLibraries(db: PrismaClient, userIds: readonly string[]): Promise<LibraryRow[]> {
  return db.$queryRaw<
    LibraryRow[]
  >`SELECT ${libraryColumns} FROM library WHERE user_id = ANY (${userIds}::text[])`
}

/** Which of these a person has saved. */
export function findSavedIds(
  db: PrismaClient,
  userId: string,
  ids: readonly string[],
): Promise<{ id: string }[]> {
  return db.$queryRaw<{ id: string }[]>`
    SELECT id FROM saved WHERE user_id = ${userId} AND id = ANY (${ids}::text[])`
}

function kindOf(id: string): SavedKind | null {
  if (isIdOf('track', id)) return 'TRACK'
  return isIdOf('album', id) ? 'ALBUM' : null
}
