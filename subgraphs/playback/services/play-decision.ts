import type { SqlDatabase } from '#shared/database.ts'
import { isIdOf } from '#shared/id.ts'
import type { SignedIn } from '#shared/identity.ts'
import { TIER_TOP } from '../config.ts'
import { type Listener, listenerOf } from './account.ts'
import type { AssetStore } from './asset-store.ts'
import { type AudioAsset, renditionOf } from './audio-asset.ts'
import { requestAudio } from './audio-request.ts'
import { Denial } from './denial.ts'
import { checkDevice, checkExists, checkMarket, type Decision } from './play-checks.ts'
import { type PlayableRow, readPlayFacts } from './play-facts.ts'
import { previewMs } from './preview.ts'
import { BUFFER_SECONDS, chooseQuality, type Quality, type QualityChoice, rankOf } from './quality.ts'
import type { Presentation } from './stream-token.ts'

/** What somebody would like to hear. */
export interface PlayWish {
  deviceId: string
  playableId: string
  kind: PlayableRow['kind']
  /** The audio a playback began with, so that a player goes on at the byte it has come to; null for the newest. */
  assetId: string | null
  /** What a playback began as stays so; null for one that begins. */
  presentation: Presentation | null
  /** The client's own cap. */
  maxQuality: Quality | null
  wanted: Quality
  /** Why that quality is wanted. */
  reason: string
}

/** What they may hear, and how it came to that. */
export interface Play {
  playable: PlayableRow
  asset: AudioAsset
  choice: QualityChoice
  presentation: Presentation
  /** How long it sounds: of a preview, that. */
  durationMs: number
  listener: Listener
  country: string
  decisions: Decision[]
}

export type PlayDecider = (identity: SignedIn, wish: PlayWish) => Promise<Play>

/** The country of somebody whose country nobody knows, as CLDR writes it. */
const NOWHERE = 'ZZ'

/**
 * Decides before any URL exists: device, existence, market, tier and audio, in this order; the first that says no throws its
 * Denial. Audio that can be made is asked for.
 */
export function createPlayDecider({
  db,
  assets,
  now,
}: {
  db: SqlDatabase
  assets: AssetStore
  now(): number
}): PlayDecider {
  async function audioOf(playable: PlayableRow, assetId: string | null): Promise<AudioAsset> {
    const asset = assetId === null ? null : await assets.find(assetId)
    if (asset !== null) return asset
    if (!playable.isComposable)
      throw new Denial('NOT_READY', 'There is no audio of this, and none will be made')
    await requestAudio(db, playable.id, now())
    throw new Denial('NOT_READY', 'The audio is being made: try again in a second', true)
  }

  return async (identity, wish) => {
    const { deviceId, playableId, kind } = wish
    const facts = await readPlayFacts(db, {
      userId: identity.userId,
      // What is no id of ours is nobody's device and no recording; it does not go near the database.
      deviceId: isIdOf('device', deviceId) ? deviceId : '',
      playableId: isIdOf(kind === 'TRACK' ? 'track' : 'episode', playableId) ? playableId : '',
    })
    const listener = listenerOf(identity, facts.account)
    const device = checkDevice(identity, deviceId, facts)
    const playable = checkExists(facts.playable, kind)
    const market = checkMarket(listener, playable)
    const asset = await audioOf(playable, wish.assetId ?? playable.assetId)
    const available = asset.renditions.map(({ quality }) => quality)
    const full = chooseQuality(available, { ...wish, tier: listener.tier })
    const presentation = wish.presentation ?? (full.offered.length > 0 ? 'FULL' : 'PREVIEW')
    if (presentation === 'FULL' && full.offered.length === 0)
      throw new Denial('TIER', `${listener.tier} does not include this recording any more`)
    const choice = presentation === 'FULL' ? full : lowestOf(available)
    return {
      playable,
      asset,
      choice,
      presentation,
      durationMs: lengthOf(playable, asset, choice, presentation),
      listener,
      country: listener.country ?? NOWHERE,
      decisions: [
        device,
        { rule: 'CATALOGUE', outcome: 'FOUND', detail: playable.title },
        market,
        {
          rule: 'TIER',
          outcome: presentation === 'FULL' ? 'ALLOWED' : 'PREVIEW',
          detail: `${listener.tier} includes up to ${TIER_TOP[listener.tier]}`,
        },
        { rule: 'AUDIO', outcome: 'READY', detail: `packaged as ${asset.assetId}` },
        ...explain(choice, wish),
      ],
    }
  }
}

/** What there is of something the tier does not include, for a preview. */
function lowestOf(available: readonly Quality[]): QualityChoice {
  const [lowest = 'LOW'] = available.toSorted((one, other) => rankOf(one) - rankOf(other))
  return { offered: [lowest], top: lowest, selected: lowest }
}

function lengthOf(
  playable: PlayableRow,
  asset: AudioAsset,
  { selected }: QualityChoice,
  presentation: Presentation,
): number {
  const rendition = renditionOf(asset, selected)
  if (presentation === 'PREVIEW' && rendition !== null) return previewMs(rendition)
  return Math.max(asset.durationMs, playable.durationMs)
}

function explain({ selected }: QualityChoice, { wanted, maxQuality, reason }: PlayWish): Decision[] {
  const buffer = `${BUFFER_SECONDS[selected]} s ahead`
  return [
    { rule: 'NETWORK', outcome: wanted, detail: reason },
    ...(maxQuality === null
      ? []
      : [{ rule: 'MAX_QUALITY', outcome: maxQuality, detail: 'the cap that the client set' }]),
    { rule: 'QUALITY', outcome: selected, detail: `the best that all of these allow, ${buffer}` },
  ]
}
