import type { Prisma } from '../generated/prisma/client.ts'
import { announce } from './announcements.ts'
import { measureAlbums } from './recordings.ts'
import { announceStale } from './stale-rows.ts'
import { findListers, lockCatalogue, settleTakedowns } from './takedown-effects.ts'

type Tx = Prisma.TransactionClient

/** What has tracks: `gained` ones have them now, `lost` some that had. `gained` artists and genres are the `others`. */
export interface TouchedHolders {
  gained: { albumIds: readonly string[]; others: readonly string[] }
  lost: readonly string[]
}

/** Albums, artists and genres that are there again, or not any more. */
export interface SettledHolders {
  shown: string[]
  hidden: string[]
}

/**
 * Takes out of the catalogue what its source does not have any more, with the albums, artists and genres that have nothing left. Nothing is
 * deleted: lists that have it keep its id, and it comes back when its source says it again.
 */
export async function withdrawTracks(tx: Tx, trackIds: readonly string[]): Promise<void> {
  await lockCatalogue(tx)
  const rows = await tx.$queryRaw<{ id: string }[]>`
    INSERT INTO withdrawn (node_id) SELECT id FROM track WHERE id = ANY(${trackIds}::text[])
        ON CONFLICT DO NOTHING RETURNING node_id AS id`
  if (rows.length === 0) return
  const gone = { trackIds: rows.map(({ id }) => id), albumIds: [], showIds: [], episodeIds: [] }
  const listers = await findListers(tx, gone)
  const hidden = await hideEmpty(tx, listers)
  await settleTakedowns(tx, { trackIds: gone.trackIds, albumIds: hidden })
  await measureAlbums(tx, listers)
  await announce(tx, { artistIds: [], trackIds: gone.trackIds, episodeIds: [] })
  const theirs = await findListers(tx, { ...gone, albumIds: hidden })
  await announceStale(tx, [...new Set([...gone.trackIds, ...listers, ...hidden, ...theirs])])
}

/** What its source says is not withdrawn. Returns what was. */
export async function readmit(tx: Tx, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const rows = await tx.$queryRaw<{ id: string }[]>`
    DELETE FROM withdrawn WHERE node_id = ANY(${ids}::text[]) RETURNING node_id AS id`
  return rows.map(({ id }) => id)
}

/** Shows and hides albums, artists and genres as they have something or nothing by now. What is shown has to be indexed by the caller. */
export async function settleHolders(tx: Tx, { gained, lost }: TouchedHolders): Promise<SettledHolders> {
  const albums = await readmit(tx, gained.albumIds)
  const credited = await findArtistsOf(tx, albums)
  const others = await readmit(tx, [...gained.others, ...credited])
  const isGained = new Set([...gained.albumIds, ...gained.others])
  const hidden = await hideEmpty(
    tx,
    lost.filter((id) => !isGained.has(id)),
  )
  return { shown: [...albums, ...others], hidden }
}

/** Withdraws those of these that have nothing left, and the artists of such albums. Returns them. */
async function hideEmpty(tx: Tx, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const albums = await tx.$queryRaw<{ id: string }[]>`
    INSERT INTO withdrawn (node_id)
    SELECT id FROM album
     WHERE id = ANY(${ids}::text[])
       AND NOT EXISTS (SELECT FROM track WHERE album_id = album.id AND NOT EXISTS (SELECT FROM withdrawn WHERE node_id = track.id))
        ON CONFLICT DO NOTHING RETURNING node_id AS id`
  const albumIds = albums.map(({ id }) => id)
  const credited = await findArtistsOf(tx, albumIds)
  const others = await tx.$queryRaw<{ id: string }[]>`
    WITH emptied AS (
      INSERT INTO withdrawn (node_id)
      SELECT id FROM artist
       WHERE id = ANY(${[...ids, ...credited]}::text[])
         AND NOT EXISTS (SELECT FROM track_artist AS link
                          WHERE artist_id = artist.id AND NOT EXISTS (SELECT FROM withdrawn WHERE node_id = link.track_id))
         AND NOT EXISTS (SELECT FROM album_artist AS link
                          WHERE artist_id = artist.id AND NOT EXISTS (SELECT FROM withdrawn WHERE node_id = link.album_id))
       UNION ALL
      SELECT id FROM genre
       WHERE id = ANY(${ids}::text[])
         AND NOT EXISTS (SELECT FROM track_genre AS link
                          WHERE genre_id = genre.id AND NOT EXISTS (SELECT FROM withdrawn WHERE node_id = link.track_id))
         AND NOT EXISTS (SELECT FROM artist_genre WHERE genre_id = genre.id)
          ON CONFLICT DO NOTHING RETURNING node_id
    ), unfound AS (
      DELETE FROM search_document USING emptied WHERE search_document.id = node_id
    )
    SELECT node_id AS id FROM emptied`
  return [...albumIds, ...others.map(({ id }) => id)]
}

async function findArtistsOf(tx: Tx, albumIds: readonly string[]): Promise<string[]> {
  if (albumIds.length === 0) return []
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT artist_id AS id FROM album_artist WHERE album_id = ANY(${albumIds}::text[])`
  return rows.map(({ id }) => id)
}
