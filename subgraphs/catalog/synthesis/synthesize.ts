import type pg from 'pg'
import { ImportFault } from '../import/import-fault.ts'
import { createActs, sourceOf } from './acts.ts'
import { actsUpTo, createAlbums, trackCount } from './album.ts'
import { type AlbumPart, copyActs, copyAlbums, copyGenres } from './copy-rows.ts'
import { settle } from './settle.ts'
import { inTransaction } from './transaction.ts'

/** Rows of a transaction: some 5,500 tracks, or as many artists. */
const ALBUMS_AT_ONCE = 500
const ACTS_PER_ALBUM = 10

export interface SynthesisOptions {
  /** Connections whose search path begins with the catalogue's schema: as many work side by side. */
  clients: readonly [pg.Client, ...pg.Client[]]
  /** The same seed always makes the same catalogue, and a larger one begins as a smaller one. */
  seed: number
  /** How many tracks of the seed there are to be. */
  tracks: number
  onProgress(tracks: number): void
  /** Albums a transaction. */
  albumsAtOnce?: number
}

/**
 * Fills the catalogue with invented artists, their albums and tracks, and search rows. What is there of the seed stays as it is:
 * a run that was cut off goes on where it was. Returns how many tracks are new.
 */
export async function synthesize(options: SynthesisOptions): Promise<number> {
  const { clients, seed, tracks, onProgress, albumsAtOnce = ALBUMS_AT_ONCE } = options
  const [first] = clients
  await lock(first)
  const batches = plan(seed, tracks, albumsAtOnce)
  const albums = batches.reduce((sum, { counts }) => sum + counts.length, 0)
  await copyGenres(first, seed)
  await writeActs(first, seed, actsUpTo(albums - 1), albumsAtOnce * ACTS_PER_ALBUM)

  const albumOf = createAlbums(seed)
  let done = 0
  let made = 0
  const work = async (client: pg.Client): Promise<void> => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      const { start, counts } = batch
      const parts = counts.map((count, place): AlbumPart => {
        const album = albumOf(start + place)
        return { album, isNew: true, tracks: album.tracks.slice(0, count) }
      })
      const written = await writeAlbums(client, seed, parts)
      made += written
      done += counts.reduce((sum, count) => sum + count, 0)
      onProgress(done)
    }
  }
  await Promise.all(clients.map(work))
  await settle(first, seed)
  return made
}

async function lock(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ isOurs: boolean }>(
    `SELECT pg_try_advisory_lock(hashtext('catalog.synthesis')) AS "isOurs"`,
  )
  if (rows[0]?.isOurs !== true)
    throw new ImportFault('Another synthesis runs on this database: wait for its end')
}

/** Albums that are written together: from which number on, and how many tracks of each. */
interface Batch {
  start: number
  counts: number[]
}

/** The last album is cut to the number of tracks asked for. */
function plan(seed: number, tracks: number, albumsAtOnce: number): Batch[] {
  const batches: Batch[] = []
  let left = tracks
  for (let number = 0; left > 0; number++) {
    if (number % albumsAtOnce === 0) batches.push({ start: number, counts: [] })
    const count = Math.min(trackCount(seed, number), left)
    batches.at(-1)?.counts.push(count)
    left -= count
  }
  return batches
}

/** Artists are written in their order by one connection: those that are there are the first ones. */
async function writeActs(client: pg.Client, seed: number, wanted: number, atOnce: number): Promise<void> {
  const { rows } = await client.query<{ known: number }>(
    'SELECT count(*)::int AS known FROM artist WHERE source = $1',
    [sourceOf(seed)],
  )
  const actOf = createActs(seed)
  for (let known = rows[0]?.known ?? 0; known < wanted; known += atOnce) {
    const count = Math.min(atOnce, wanted - known)
    const acts = Array.from({ length: count }, (_, place) => actOf(known + place))
    await inTransaction(client, () => copyActs(client, seed, acts))
  }
}

/** Returns how many tracks were not there. */
async function writeAlbums(client: pg.Client, seed: number, wanted: readonly AlbumPart[]): Promise<number> {
  return inTransaction(client, async () => {
    const parts = await withoutKnown(client, wanted)
    await copyAlbums(client, seed, parts)
    return parts.reduce((sum, { tracks }) => sum + tracks.length, 0)
  })
}

/** What is not there yet: of an album that was cut by an earlier run, the rest of its tracks. */
async function withoutKnown(client: pg.Client, parts: readonly AlbumPart[]): Promise<AlbumPart[]> {
  const { rows } = await client.query<{ albumId: string; trackId: string }>(
    'SELECT album_id AS "albumId", id AS "trackId" FROM track WHERE album_id = ANY($1)',
    [parts.map(({ album }) => album.id)],
  )
  const albumIds = new Set(rows.map(({ albumId }) => albumId))
  const trackIds = new Set(rows.map(({ trackId }) => trackId))
  return parts
    .map(({ album, tracks }) => ({
      album,
      isNew: !albumIds.has(album.id),
      tracks: tracks.filter(({ id }) => !trackIds.has(id)),
    }))
    .filter(({ tracks }) => tracks.length > 0)
}
