import { TIER_TOP } from '../config.ts'

/** From the lowest to the best. */
export const QUALITIES = ['LOW', 'NORMAL', 'HIGH', 'LOSSLESS'] as const
export type Quality = (typeof QUALITIES)[number]

/** How much a player should have ahead of it, in seconds: the better the audio, the more. */
export const BUFFER_SECONDS: Readonly<Record<Quality, number>> = {
  LOW: 30,
  NORMAL: 45,
  HIGH: 60,
  LOSSLESS: 90,
}

export function rankOf(quality: Quality): number {
  return QUALITIES.indexOf(quality)
}

export function lowerOf(one: Quality, other: Quality): Quality {
  return rankOf(one) <= rankOf(other) ? one : other
}

/** What a network of `kbps` carries with room to spare; NORMAL for one that nobody measured. */
export function qualityForNetwork(kbps: number | null): Quality {
  if (kbps === null) return 'NORMAL'
  if (kbps < 1_000) return 'LOW'
  if (kbps < 5_000) return 'NORMAL'
  return kbps <= 10_000 ? 'HIGH' : 'LOSSLESS'
}

export interface QualityWish {
  tier: 'FREE' | 'PREMIUM'
  /** The client's own cap. */
  maxQuality: Quality | null
  /** What the network carries, or what plays already. */
  wanted: Quality
}

export interface QualityChoice {
  /** From the lowest to the best; empty when the tier allows none of what there is. */
  offered: Quality[]
  /** The best a token for this may open. */
  top: Quality
  selected: Quality
}

/**
 * Which of the `available` qualities are offered and which comes first: the best that network, tier and the client's cap all
 * allow. A cap below everything there is gives the lowest, since lower quality is better than silence.
 */
export function chooseQuality(available: readonly Quality[], wish: QualityWish): QualityChoice {
  const tierTop = TIER_TOP[wish.tier]
  const top = wish.maxQuality === null ? tierTop : lowerOf(tierTop, wish.maxQuality)
  const allowed = QUALITIES.filter((one) => available.includes(one) && rankOf(one) <= rankOf(tierTop))
  const capped = allowed.filter((one) => rankOf(one) <= rankOf(top))
  const offered = capped.length > 0 ? capped : allowed.slice(0, 1)
  const fitting = offered.filter((one) => rankOf(one) <= rankOf(wish.wanted))
  return {
    offered,
    top: offered.at(-1) ?? top,
    selected: fitting.at(-1) ?? offered[0] ?? top,
  }
}
