import { AppError } from '#shared/errors.ts'
import { newId } from '#shared/id.ts'
import { type Identity, requireUser, type SignedIn } from '#shared/identity.ts'
import { isPlainText } from '#shared/text.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { streamStarts } from '../metrics.ts'
import type { AssetStore } from './asset-store.ts'
import { orDenied, type StreamDenial } from './denial.ts'
import type { KeyRing } from './key-ring.ts'
import { expiryOf, type Manifest, writeManifest } from './manifest.ts'
import { createPlayDecider } from './play-decision.ts'
import { findPlayback, writePlayback } from './playback-sessions.ts'
import { type Quality, qualityForNetwork } from './quality.ts'
import { requireCurrent } from './stream-lease.ts'

export interface StreamStart {
  trackId?: string | null | undefined
  episodeId?: string | null | undefined
  deviceId: string
  networkKbps?: number | null | undefined
  maxQuality?: Quality | null | undefined
  contextId?: string | null | undefined
}

/** Opens playbacks and keeps their URLs alive. What clients branch on comes back as a denial; faults are thrown. */
export interface StreamService {
  start(identity: Identity, input: StreamStart): Promise<Manifest | StreamDenial>
  renew(identity: Identity, playbackId: string): Promise<Manifest | StreamDenial>
}

export interface StreamDependencies {
  db: PrismaClient
  assets: AssetStore
  ring(): KeyRing
  publicUrl: string
  now(): number
}

const MAX_CONTEXT = 200

export function createStreamService(deps: StreamDependencies): StreamService {
  const { db, ring, publicUrl, now } = deps
  const decide = createPlayDecider(deps)

  async function open(user: SignedIn, input: StreamStart): Promise<Manifest> {
    const { userId } = user
    const { deviceId, maxQuality = null, networkKbps = null, contextId = null } = input
    const play = await decide(user, {
      deviceId,
      playableId: input.trackId ?? input.episodeId ?? '',
      kind: input.trackId == null ? 'EPISODE' : 'TRACK',
      assetId: null,
      maxQuality,
      wanted: qualityForNetwork(networkKbps),
      reason: networkKbps === null ? 'nobody measured the network' : `it carries ${networkKbps} kbit/s`,
    })
    const at = now()
    const expiresAt = expiryOf(play.asset.durationMs, at)
    const playback = { id: newId('playback'), userId, deviceId, contextId, maxQuality, expiresAt }
    await writePlayback(db, { ...playback, startedAt: new Date(at) }, play)
    return writeManifest(playback, play, { ring: ring(), publicUrl, now: at })
  }

  async function reopen(user: SignedIn, playbackId: string): Promise<Manifest> {
    const session = await findPlayback(db, playbackId, user.userId)
    await requireCurrent(db, session)
    const play = await decide(user, {
      deviceId: session.deviceId,
      playableId: session.playableId,
      kind: session.playableId.startsWith('track_') ? 'TRACK' : 'EPISODE',
      assetId: session.assetId,
      maxQuality: session.maxQuality as Quality | null,
      wanted: session.quality as Quality,
      reason: 'what was playing',
    })
    const at = now()
    const expiresAt = expiryOf(play.asset.durationMs, at)
    await db.playbackSession.update({ where: { id: playbackId }, data: { expiresAt }, select: { id: true } })
    return writeManifest({ ...session, expiresAt }, play, { ring: ring(), publicUrl, now: at })
  }

  return {
    async start(identity, input) {
      const user = requireUser(identity)
      checkInput(input)
      return counted('start', () => open(user, input))
    },
    async renew(identity, playbackId) {
      const user = requireUser(identity)
      return counted('renew', () => reopen(user, playbackId))
    },
  }
}

/** What no client may send, whoever asks. */
function checkInput({ trackId, episodeId, networkKbps, contextId }: StreamStart): void {
  if ((trackId == null) === (episodeId == null))
    throw new AppError('BAD_USER_INPUT', 'Name exactly one of trackId and episodeId')
  if (networkKbps != null && networkKbps < 0)
    throw new AppError('BAD_USER_INPUT', 'networkKbps cannot be negative')
  if (contextId != null && (contextId.length > MAX_CONTEXT || !isPlainText(contextId)))
    throw new AppError('BAD_USER_INPUT', `contextId is text of up to ${MAX_CONTEXT} characters`)
}

async function counted(verb: string, work: () => Promise<Manifest>): Promise<Manifest | StreamDenial> {
  const answer = await orDenied(work)
  streamStarts.inc({ verb, outcome: answer.__typename === 'StreamManifest' ? 'MANIFEST' : answer.code })
  return answer
}
