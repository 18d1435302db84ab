import type { SqlExecutor } from '#shared/database.ts'
import type { Quality } from './quality.ts'

/** Of a packaged file: the initialisation vector and at most one block of padding. */
const OVERHEAD = 32
/** What is not packaged yet is guessed by its length, in kbit/s. */
const TYPICAL_KBPS: Readonly<Record<Quality, number>> = { LOW: 96, NORMAL: 160, HIGH: 320, LOSSLESS: 900 }

/** What these tracks will take on a device, in bytes: by their files where there are any, by their length where not. */
export async function estimateBytes(
  db: SqlExecutor,
  trackIds: readonly string[],
  quality: Quality,
): Promise<number> {
  const perMs = TYPICAL_KBPS[quality] / 8
  const [sum] = await db.$queryRaw<{ bytes: number }[]>`
    SELECT coalesce(sum(coalesce(
             (SELECT (rendition->>'bytes')::float8 + ${OVERHEAD}::int
                FROM audio_asset, jsonb_array_elements(asset->'renditions') AS rendition
               WHERE playable_id = playable.id AND rendition->>'quality' = ${quality}
               ORDER BY version DESC LIMIT 1),
             duration_ms * ${perMs}::float8)), 0)::float8 AS bytes
      FROM playable WHERE id = ANY (${trackIds}::text[])`
  return Math.ceil(sum?.bytes ?? 0)
}
