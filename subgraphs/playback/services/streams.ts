import { AppError } from '#shared/errors.ts'
import { newId } from '#shared/id.ts'
import { type Identity, requireUser, type SignedIn } from '#shared/identity.ts'
import { isPlainText } from '#shared/text.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { streamStarts } from '../metrics.ts'
import { orDenied, type StreamDenial } from './denial.ts'
import type { KeyRing } from './key-ring.ts'
import { expiryOf, type Manifest, type Signed, writeManifest } from './manifest.ts'
import type { Play, PlayDecider } from './play-decision.ts'
import { findPlayback, goingOn, writePlayback } from './playback-sessions.ts'
import { type Quality, qualityForNetwork } from './quality.ts'
import type { StreamHost } from './stream-hosts.ts'
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
  decide: PlayDecider
  ring(): KeyRing
  /** Where players fetch from before they come to our own edge. */
  hosts(): readonly StreamHost[]
  publicUrl: string
  now(): number
  /** Told of whoever has started something, once it is committed. */
  onStart(userId: string): void
}

const MAX_CONTEXT = 200

export function createStreamService(deps: StreamDependencies): StreamService {
  const { db, decide, ring, hosts, publicUrl, now, onStart } = deps

  async function open(user: SignedIn, input: StreamStart): Promise<Manifest> {
    const { userId } = user
    const { deviceId, maxQuality = null, networkKbps = null, contextId = null } = input
    const play = await decide(user, {
      deviceId,
      playableId: input.trackId ?? input.episodeId ?? '',
      kind: input.trackId == null ? 'EPISODE' : 'TRACK',
      assetId: null,
      presentation: null,
      maxQuality,
      wanted: qualityForNetwork(networkKbps),
      reason: networkKbps === null ? 'nobody measured the network' : `it carries ${networkKbps} kbit/s`,
    })
    const at = now()
    const playback = { id: newId('playback'), userId, deviceId, expiresAt: expiryOf(play, at) }
    const account = { tier: play.listener.tier, accountVersion: BigInt(user.version) }
    await writePlayback(db, { ...playback, ...account, contextId, maxQuality, startedAt: new Date(at) }, play)
    onStart(userId)
    return sign(playback, play, at)
  }

  async function reopen(user: SignedIn, playbackId: string): Promise<Manifest> {
    const session = await findPlayback(db, playbackId, user.userId)
    await requireCurrent(db, session)
    const play = await decide(user, goingOn(session))
    const at = now()
    const expiresAt = expiryOf(play, at)
    await db.playbackSession.update({ where: { id: playbackId }, data: { expiresAt }, select: { id: true } })
    return sign({ ...session, expiresAt }, play, at)
  }

  function sign(playback: Signed, play: Play, at: number): Manifest {
    return writeManifest(playback, play, { ring: ring(), hosts: hosts(), publicUrl, now: at })
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
