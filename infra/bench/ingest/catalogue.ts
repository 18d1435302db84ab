import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'

/** Everything an ingestion has made: what clients are shown of each track, and what is stored. */
export interface Snapshot {
  files: number
  seconds: number
  /** By id, all that is known of a track and its album, artists, genres and audio. */
  tracks: Map<string, string>
  /** By key, the hash of what is in an object. */
  objects: Map<string, string>
  /** What nobody refers to: objects without a row, albums and artists without a track, search rows of nothing, work in progress. */
  orphans: string[]
}

const TRACKS = `
  SELECT track.id, to_jsonb(track) - 'version' AS track, to_jsonb(album) - 'version' AS album, asset, histogram,
         (SELECT jsonb_agg(jsonb_build_array(artist.id, name, position) ORDER BY position)
            FROM track_artist JOIN artist ON artist.id = artist_id WHERE track_id = track.id) AS artists,
         (SELECT jsonb_agg(name ORDER BY position) FROM track_genre JOIN genre ON genre.id = genre_id WHERE track_id = track.id) AS genres,
         (SELECT jsonb_agg(artist_id ORDER BY artist_id) FROM album_artist WHERE album_artist.album_id = track.album_id) AS credits,
         (SELECT jsonb_build_array(kind, title, artist, album) FROM search_document WHERE id = track.id) AS found
    FROM track LEFT JOIN album ON album.id = album_id LEFT JOIN playable_audio ON playable_id = track.id ORDER BY track.id`

const ORPHANS = `
  SELECT 'album ' || id AS orphan FROM album WHERE NOT EXISTS (SELECT FROM track WHERE album_id = album.id)
   UNION ALL SELECT 'artist ' || id FROM artist
    WHERE NOT EXISTS (SELECT FROM track_artist WHERE artist_id = artist.id)
      AND NOT EXISTS (SELECT FROM album_artist WHERE artist_id = artist.id)
   UNION ALL SELECT 'audio ' || playable_id FROM playable_audio WHERE NOT EXISTS (SELECT FROM track WHERE id = playable_id)
   UNION ALL SELECT 'search row ' || id FROM search_document
    WHERE id NOT IN (SELECT id FROM track UNION ALL SELECT id FROM album UNION ALL SELECT id FROM artist)
   UNION ALL SELECT 'job ' || id FROM transcode_job WHERE state IN ('QUEUED', 'RUNNING')
   UNION ALL SELECT 'two tracks of ' || content_hash FROM music_track GROUP BY content_hash HAVING count(*) > 1
   UNION ALL SELECT 'withdrawn ' || node_id FROM withdrawn`

const REFERRED = `
  SELECT jsonb_path_query(asset, '$.renditions[*].path') #>> '{}' AS key FROM playable_audio
   UNION SELECT (asset ->> 'assetId') || '/asset.json' FROM playable_audio
   UNION SELECT jsonb_path_query(artwork, '$[*].key') #>> '{}' FROM album`

export async function readCatalogue(url: string, home: string): Promise<Snapshot> {
  const client = new pg.Client({ connectionString: url, options: '-c search_path=catalog,public' })
  await client.connect()
  try {
    const rows = async <Row extends pg.QueryResultRow>(text: string): Promise<Row[]> =>
      (await client.query<Row>(text)).rows
    const tracks = await rows<{ id: string; asset: { durationMs: number } }>(TRACKS)
    const referred = new Set((await rows<{ key: string }>(REFERRED)).map(({ key }) => key))
    const objects = await hashFolder(join(home, 'audio'))
    const missing = [...referred].filter((key) => !objects.has(key)).map((key) => `missing object ${key}`)
    const unreferred = [...objects.keys()].filter((key) => !referred.has(key)).map((key) => `object ${key}`)
    const scratch = await readdir(join(home, 'scratch')).catch(() => [])
    const orphans = (await rows<{ orphan: string }>(ORPHANS)).map(({ orphan }) => orphan)
    const [files] = await rows<{ files: number }>('SELECT count(*)::int AS files FROM music_file')
    return {
      files: files?.files ?? 0,
      seconds: tracks.reduce((sum, { asset }) => sum + (asset?.durationMs ?? 0) / 1_000, 0),
      tracks: new Map(tracks.map((track) => [track.id, JSON.stringify(track)])),
      objects,
      orphans: [...orphans, ...missing, ...unreferred, ...scratch.map((name) => `work in progress ${name}`)],
    }
  } finally {
    await client.end()
  }
}

async function hashFolder(folder: string): Promise<Map<string, string>> {
  const hashes = new Map<string, string>()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const hash = createHash('sha256')
    await pipeline(createReadStream(path), hash)
    hashes.set(path.slice(folder.length + 1), hash.digest('hex'))
  }
  return hashes
}
