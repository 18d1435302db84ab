import { publish } from '#shared/outbox.ts'
import { sessionStarted } from '../events.ts'
import { type PlaybackSession, Prisma, type PrismaClient } from '../generated/prisma/client.ts'
import { Denial } from './denial.ts'
import type { Play, PlayWish } from './play-decision.ts'
import type { Quality } from './quality.ts'
import { takeStream } from './stream-lease.ts'
import type { Presentation } from './stream-token.ts'

/** A playback as it begins. */
export interface NewPlayback {
  id: string
  userId: string
  deviceId: string
  contextId: string | null
  maxQuality: Quality | null
  startedAt: Date
  expiresAt: Date
  /** The account as the token that began it knew it. */
  tier: 'FREE' | 'PREMIUM'
  accountVersion: bigint
}

const PLAYBACK_ID = /^playback_[0-9A-Za-z]{22}$/

export function isPlaybackId(id: string): boolean {
  return PLAYBACK_ID.test(id)
}

/** Writes the playback, gives its device the user's stream and says that it began: one statement, since everybody waits for it. */
export async function writePlayback(db: PrismaClient, playback: NewPlayback, play: Play): Promise<void> {
  const { id, userId, deviceId, contextId, startedAt } = playback
  const { playable, asset, choice, presentation, durationMs, country } = play
  const shared = { userId, deviceId, playableId: playable.id, contextId, country, quality: choice.selected }
  const session = Prisma.sql`
    session AS (
      INSERT INTO playback_session (
        id, user_id, device_id, playable_id, asset_id, context_id, country, quality, max_quality, duration_ms, started_at,
        expires_at, presentation, tier, account_version)
      VALUES (
        ${id}, ${userId}, ${deviceId}, ${playable.id}, ${asset.assetId}, ${contextId}, ${country}, ${choice.selected},
        ${playback.maxQuality}, ${durationMs}, ${startedAt}, ${playback.expiresAt}, ${presentation}, ${playback.tier},
        ${playback.accountVersion})
    ), ${takeStream({ userId, deviceId, playbackId: id, at: startedAt })},`
  await publish(db, [sessionStarted({ playbackId: id, ...shared, at: startedAt })], session)
}

/** A playback of the user's own; somebody else's is not there. */
export async function findPlayback(db: PrismaClient, id: string, userId: string): Promise<PlaybackSession> {
  const playback = isPlaybackId(id) ? await db.playbackSession.findUnique({ where: { id } }) : null
  if (playback === null || playback.userId !== userId)
    throw new Denial('NOT_FOUND', 'There is no such playback of yours')
  return playback
}

/** What a playback goes on with: the audio, the cap and the quality it began with. */
export function goingOn(playback: PlaybackSession): PlayWish {
  return {
    deviceId: playback.deviceId,
    playableId: playback.playableId,
    kind: playback.playableId.startsWith('track_') ? 'TRACK' : 'EPISODE',
    assetId: playback.assetId,
    presentation: playback.presentation as Presentation,
    maxQuality: playback.maxQuality as Quality | null,
    wanted: playback.quality as Quality,
    reason: 'what was playing',
  }
}
