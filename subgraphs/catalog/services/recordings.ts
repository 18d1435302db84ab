import { publish } from '#shared/outbox.ts'
import type { AnalysedAsset } from '../audio/asset-store.ts'
import { type LoudnessHistogram, loudnessOf } from '../audio/loudness.ts'
import { audioPackaged } from '../events.ts'
import type { Prisma } from '../generated/prisma/client.ts'

type Tx = Prisma.TransactionClient

/** Gives a track or an episode its transcoded audio, and tells the other rooms, in the transaction that makes it what it is. */
export async function keepRecording(
  tx: Tx,
  playableId: string,
  recording: Omit<AnalysedAsset, 'features'>,
): Promise<void> {
  const { asset, histogram } = recording
  const [row] = await tx.$queryRaw<{ albumId: string | null }[]>`
    SELECT album_id AS "albumId" FROM track WHERE id = ${playableId}`
  const albumId = row?.albumId ?? null
  // First of all: two last tracks of an album at once would each miss the other, or wait for each other.
  await tx.$queryRaw`SELECT 1 FROM album WHERE id = ${albumId} FOR UPDATE`
  await tx.$executeRaw`
    INSERT INTO playable_audio (playable_id, state, asset, histogram)
    VALUES (${playableId}, 'READY', ${JSON.stringify(asset)}::text::jsonb, ${JSON.stringify(histogram)}::text::jsonb)
        ON CONFLICT (playable_id) DO UPDATE
       SET state = 'READY', asset = excluded.asset, histogram = excluded.histogram, leased_until = NULL, failure = NULL,
           version = playable_audio.version + 1`
  const isTold = albumId !== null && (await measureAlbum(tx, albumId))
  if (!isTold) await tell(tx, [playableId])
}

/**
 * The loudness of an album is that of its tracks one after the other. Where it has changed all its tracks are told with it, and the answer
 * is true.
 */
async function measureAlbum(tx: Tx, albumId: string): Promise<boolean> {
  const rows = await tx.$queryRaw<{ id: string; histogram: LoudnessHistogram }[]>`
    SELECT track.id, histogram FROM track JOIN playable_audio ON playable_id = track.id
     WHERE album_id = ${albumId} AND histogram IS NOT NULL AND NOT EXISTS (SELECT FROM withdrawn WHERE node_id = track.id)
     ORDER BY track.id`
  const loudness = rows.length === 0 ? null : loudnessOf(rows.map(({ histogram }) => histogram))
  const changed = await tx.$executeRaw`
    UPDATE album SET loudness_centilufs = ${loudness} WHERE id = ${albumId} AND loudness_centilufs IS DISTINCT FROM ${loudness}`
  if (changed === 0) return false
  await tx.$executeRaw`UPDATE playable_audio SET version = version + 1 WHERE playable_id = ANY(${rows.map(({ id }) => id)}::text[])`
  await tell(
    tx,
    rows.map(({ id }) => id),
  )
  return true
}

/** The same for those of these that are albums: they have lost a track. */
export async function measureAlbums(tx: Tx, ids: readonly string[]): Promise<void> {
  const albums = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM album WHERE id = ANY(${ids}::text[]) ORDER BY id FOR UPDATE`
  for (const { id } of albums) await measureAlbum(tx, id)
}

async function tell(tx: Tx, playableIds: readonly string[]): Promise<void> {
  const rows = await tx.$queryRaw<
    {
      playableId: string
      asset: AnalysedAsset['asset']
      version: bigint
      albumLoudnessCentilufs: number | null
    }[]
  >`
    SELECT playable_id AS "playableId", asset, playable_audio.version, loudness_centilufs AS "albumLoudnessCentilufs"
      FROM playable_audio LEFT JOIN track ON track.id = playable_id LEFT JOIN album ON album.id = album_id
     WHERE playable_id = ANY(${playableIds}::text[]) ORDER BY playable_id`
  await publish(
    tx,
    rows.map((row) => audioPackaged({ ...row, version: Number(row.version) })),
  )
}
