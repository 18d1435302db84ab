import { anonymous, requireUser } from '#shared/identity.ts'
import type { PlaybackSession, PrismaClient } from '../generated/prisma/client.ts'
import { keyRequests } from '../metrics.ts'
import type { ContentKeys } from './content-keys.ts'
import { Denial, orDenied, type StreamDenial } from './denial.ts'
import type { PlayDecider } from './play-decision.ts'
import { goingOn } from './playback-sessions.ts'
import { type Quality, rankOf } from './quality.ts'
import { requireCurrent } from './stream-lease.ts'
import type { StreamClaims } from './stream-token.ts'

/** A key of 16 bytes, as a player gets it. */
export interface StreamKey {
  __typename: 'StreamKey'
  bytes: Buffer
}

/** Gives keys to those whose URL was verified, if the playback is still theirs to hear: everything is decided anew each time. */
export type StreamKeyService = (claims: StreamClaims, quality: Quality) => Promise<StreamKey | StreamDenial>

/**
 * A key outlives the second it was given in, so nothing of the token but whose it is counts here: lease, device, market, tier and
 * take-downs are asked as for a renewal. Who asks is the account as our copy has it, or as the sign-in that began the playback had it.
 */
export function createStreamKeys(deps: {
  db: PrismaClient
  decide: PlayDecider
  contentKeys: ContentKeys
}): StreamKeyService {
  const { db, decide, contentKeys } = deps

  async function find({ playbackId }: StreamClaims, quality: Quality): Promise<StreamKey> {
    const playback = await db.playbackSession.findUnique({ where: { id: playbackId } })
    if (playback === null) throw new Denial('NOT_FOUND', 'There is no such playback')
    await requireCurrent(db, playback)
    const { asset, choice } = await decide(listenerOf(playback), goingOn(playback))
    if (rankOf(quality) > rankOf(choice.top))
      throw new Denial('TIER', `${quality} is no longer included: renew the playback for what is`)
    const bytes = await contentKeys.find({ assetId: asset.assetId, quality })
    return { __typename: 'StreamKey', bytes }
  }

  return async (claims, quality) => {
    const answer = await orDenied(() => find(claims, quality))
    keyRequests.inc({ outcome: answer.__typename === 'StreamKey' ? 'KEY' : answer.code })
    return answer
  }
}

function listenerOf({ userId, deviceId, country, tier, accountVersion }: PlaybackSession) {
  const version = Number(accountVersion)
  return requireUser({
    ...anonymous(country),
    userId,
    deviceId,
    tier: tier === 'PREMIUM' ? 'PREMIUM' : 'FREE',
    version,
  })
}
