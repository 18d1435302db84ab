import type { Prisma } from '../generated/prisma/client.ts'

type Tx = Prisma.TransactionClient

/**
 * One writer of the catalogue at a time, held to the commit and taken before the transaction has an id: the order in the log is the
 * order of the commits, for every key.
 */
export async function lockCatalogue(tx: Tx): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('catalog.catalogue'))`
}

/** What is down now and was not, or the other way round. */
export interface Settled {
  trackIds: string[]
  albumIds: string[]
  showIds: string[]
  episodeIds: string[]
}

/**
 * Brings these to what the take-downs come to: a track is down by its own or its album's, an episode by its own or its show's, a track
 * and an album also while they are withdrawn. What is down is not found any more; what is not has to be indexed by the caller.
 */
export async function settleTakedowns(
  tx: Tx,
  touched: Partial<Record<keyof Settled, readonly string[]>>,
): Promise<Settled> {
  const { trackIds = [], albumIds = [], showIds = [], episodeIds = [] } = touched
  if (trackIds.length + albumIds.length + showIds.length + episodeIds.length === 0)
    return { trackIds: [], albumIds: [], showIds: [], episodeIds: [] }
  const rows = await tx.$queryRaw<{ kind: keyof Settled; id: string }[]>`
    WITH standing AS NOT MATERIALIZED (
      SELECT node_id FROM takedown WHERE restored_at IS NULL
    ), down AS (
      SELECT 'trackIds' AS kind, id, is_removed AS was_down,
             EXISTS (SELECT FROM standing WHERE node_id = id) OR EXISTS (SELECT FROM standing WHERE node_id = album_id)
               OR EXISTS (SELECT FROM withdrawn WHERE node_id = id) AS is_down
        FROM track WHERE id = ANY(${trackIds}::text[]) OR album_id = ANY(${albumIds}::text[])
       UNION ALL
      SELECT 'albumIds', id, is_removed,
             EXISTS (SELECT FROM standing WHERE node_id = id) OR EXISTS (SELECT FROM withdrawn WHERE node_id = id)
        FROM album WHERE id = ANY(${albumIds}::text[])
       UNION ALL
      SELECT 'showIds', id, is_removed, EXISTS (SELECT FROM standing WHERE node_id = id)
        FROM show WHERE id = ANY(${showIds}::text[])
       UNION ALL
      SELECT 'episodeIds', id, is_removed,
             EXISTS (SELECT FROM standing WHERE node_id = id) OR EXISTS (SELECT FROM standing WHERE node_id = show_id)
        FROM episode WHERE id = ANY(${episodeIds}::text[]) OR show_id = ANY(${showIds}::text[])
    ), changed AS (
      SELECT kind, id, is_down FROM down WHERE is_down <> was_down
    ), unfound AS (
      DELETE FROM search_document USING changed WHERE search_document.id = changed.id AND is_down
    ), tracks AS (
      UPDATE track SET is_removed = is_down, version = version + 1 FROM changed WHERE track.id = changed.id
    ), albums AS (
      UPDATE album SET is_removed = is_down, version = version + 1 FROM changed WHERE album.id = changed.id
    ), shows AS (
      UPDATE show SET is_removed = is_down, version = version + 1 FROM changed WHERE show.id = changed.id
    ), episodes AS (
      UPDATE episode SET is_removed = is_down, version = version + 1 FROM changed WHERE episode.id = changed.id
    )
    SELECT kind, id FROM changed`
  const idsOf = (kind: keyof Settled): string[] => rows.filter((row) => row.kind === kind).map(({ id }) => id)
  return {
    trackIds: idsOf('trackIds'),
    albumIds: idsOf('albumIds'),
    showIds: idsOf('showIds'),
    episodeIds: idsOf('episodeIds'),
  }
}

/** Whoever lists any of these: their albums and shows, their artists and genres. */
export async function findListers(tx: Tx, settled: Settled): Promise<string[]> {
  const { trackIds, albumIds, episodeIds } = settled
  if (trackIds.length + albumIds.length + episodeIds.length === 0) return []
  const rows = await tx.$queryRaw<{ id: string | null }[]>`
    SELECT album_id AS id FROM track WHERE id = ANY(${trackIds}::text[])
     UNION SELECT artist_id FROM track_artist WHERE track_id = ANY(${trackIds}::text[])
     UNION SELECT genre_id FROM track_genre WHERE track_id = ANY(${trackIds}::text[])
     UNION SELECT artist_id FROM album_artist WHERE album_id = ANY(${albumIds}::text[])
     UNION SELECT show_id FROM episode WHERE id = ANY(${episodeIds}::text[])`
  return rows.flatMap(({ id }) => id ?? [])
}
