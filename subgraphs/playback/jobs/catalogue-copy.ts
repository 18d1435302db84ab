import type { Logger } from 'pino'
import { type Consumer, createConsumer } from '#shared/consumer.ts'
import type { SqlExecutor } from '#shared/database.ts'
import type { EventLog, LogEvent } from '#shared/event-log.ts'
import {
  AUDIO_PACKAGED,
  audioPackaged,
  EPISODE_CHANGED,
  episodeChanged,
  TRACK_CHANGED,
  trackChanged,
} from '../events.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

interface PlayableCopy {
  id: string
  kind: 'TRACK' | 'EPISODE'
  title: string
  durationMs: number
  markets: string[] | null
  isComposable: boolean
  isRemoved: boolean
  version: number
}

/** Keeps the few columns of tracks and episodes that a play decision needs, and their packaged audio. */
export function createCatalogueCopy(db: PrismaClient, log: EventLog, logger: Logger): Consumer {
  return createConsumer({
    name: 'playback.catalogue',
    source: 'catalog',
    topics: [TRACK_CHANGED, EPISODE_CHANGED, AUDIO_PACKAGED],
    log,
    db,
    logger,
    async apply(tx, events) {
      const packaged = events.filter(({ topic }) => topic === AUDIO_PACKAGED)
      const changed = events.filter(({ topic }) => topic !== AUDIO_PACKAGED)
      if (changed.length > 0) await copyPlayables(tx, changed.map(readPlayable))
      if (packaged.length > 0) await copyAudio(tx, packaged)
    },
  })
}

function readPlayable({ topic, payload }: LogEvent): PlayableCopy {
  if (topic === TRACK_CHANGED) {
    const { trackId: id, ...track } = trackChanged.parse(payload)
    return { id, kind: 'TRACK', ...track }
  }
  const { episodeId: id, ...episode } = episodeChanged.parse(payload)
  return { id, kind: 'EPISODE', ...episode }
}

/** Of several versions in one batch the newest counts, and none older than what is here. */
async function copyPlayables(tx: SqlExecutor, playables: readonly PlayableCopy[]): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO playable (id, kind, title, duration_ms, markets, is_composable, is_removed, version)
    SELECT DISTINCT ON (id) id, kind, title, "durationMs", markets, "isComposable", "isRemoved", version
      FROM jsonb_to_recordset(${JSON.stringify(playables)}::text::jsonb) AS news
           (id text, kind text, title text, "durationMs" int, markets text[], "isComposable" boolean, "isRemoved" boolean,
            version bigint)
     ORDER BY id, version DESC
    ON CONFLICT (id) DO UPDATE SET (kind, title, duration_ms, markets, is_composable, is_removed, version) =
      (excluded.kind, excluded.title, excluded.duration_ms, excluded.markets, excluded.is_composable, excluded.is_removed,
       excluded.version)
     WHERE excluded.version > playable.version`
}

async function copyAudio(tx: SqlExecutor, events: readonly LogEvent[]): Promise<void> {
  const packaged = events.map((event) => audioPackaged.parse(event.payload))
  await tx.$executeRaw`
    INSERT INTO audio_asset (asset_id, playable_id, version, asset, album_centilufs)
    SELECT DISTINCT ON (asset->>'assetId', "playableId") asset->>'assetId', "playableId", version, asset, "albumLoudnessCentilufs"
      FROM jsonb_to_recordset(${JSON.stringify(packaged)}::text::jsonb) AS news
           ("playableId" text, version bigint, asset jsonb, "albumLoudnessCentilufs" int)
     ORDER BY asset->>'assetId', "playableId", version DESC
    ON CONFLICT (asset_id, playable_id) DO UPDATE
       SET version = excluded.version, album_centilufs = excluded.album_centilufs WHERE excluded.version > audio_asset.version`
}
