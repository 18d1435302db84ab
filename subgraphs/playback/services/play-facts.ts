import { z } from 'zod'
import type { SqlExecutor } from '#shared/database.ts'
import type { AccountRow } from './account.ts'

/** Our copy of a track or an episode, and its newest packaged audio. */
export interface PlayableRow {
  id: string
  kind: 'TRACK' | 'EPISODE'
  title: string
  durationMs: number
  /** Null is everywhere, an empty list nowhere. */
  markets: string[] | null
  isComposable: boolean
  isRemoved: boolean
  assetId: string | null
  /** Loudness of its album, in hundredths of LUFS; null while that is not measured. */
  albumCentilufs: number | null
}

/** Everything of ours that one play decision looks at. */
export interface PlayFacts {
  account: AccountRow | null
  device: { isRemoved: boolean; version: number } | null
  /** The newest version of the account that any of our copies has seen. */
  knownVersion: number
  playable: PlayableRow | null
}

const shape = z.object({
  account: z
    .object({ tier: z.enum(['FREE', 'PREMIUM']), country: z.string(), version: z.number() })
    .nullable(),
  device: z.object({ isRemoved: z.boolean(), version: z.number() }).nullable(),
  knownVersion: z.number(),
  playable: z
    .object({
      id: z.string(),
      kind: z.enum(['TRACK', 'EPISODE']),
      title: z.string(),
      durationMs: z.number(),
      markets: z.array(z.string()).nullable(),
      isComposable: z.boolean(),
      isRemoved: z.boolean(),
      assetId: z.string().nullable(),
      albumCentilufs: z.number().nullable(),
    })
    .nullable(),
})

/** One read for one decision. */
export async function readPlayFacts(
  db: SqlExecutor,
  wanted: { userId: string; deviceId: string; playableId: string },
): Promise<PlayFacts> {
  const [row] = await db.$queryRaw<unknown[]>`
    SELECT
      (SELECT jsonb_build_object('tier', tier, 'country', country, 'version', version)
         FROM account WHERE user_id = ${wanted.userId}) AS account,
      (SELECT jsonb_build_object('isRemoved', is_removed, 'version', version)
         FROM device WHERE user_id = ${wanted.userId} AND device_id = ${wanted.deviceId}) AS device,
      GREATEST(
        0, (SELECT version FROM account WHERE user_id = ${wanted.userId}),
        (SELECT max(version) FROM device WHERE user_id = ${wanted.userId}))::float8 AS "knownVersion",
      (SELECT jsonb_build_object(
                'id', id, 'kind', kind, 'title', title, 'durationMs', duration_ms, 'markets', markets,
                'isComposable', is_composable, 'isRemoved', is_removed, 'assetId',
                (SELECT asset_id FROM audio_asset WHERE playable_id = playable.id ORDER BY version DESC LIMIT 1),
                'albumCentilufs',
                (SELECT album_centilufs FROM audio_asset WHERE playable_id = playable.id ORDER BY version DESC LIMIT 1))
         FROM playable WHERE id = ${wanted.playableId}) AS playable`
  return shape.parse(row)
}
