import { AAC_KBPS, type Rung } from './encoding.ts'
import type { OriginalFormat } from './probing.ts'

/** What is made of an original: samples a second and channels of the AAC renditions, and the rungs that give no more than it has. */
export interface Ladder {
  rate: number
  channels: 1 | 2
  rungs: Rung[]
}

const AAC_RATES = [48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000]
/** A rung has to be so much better than the one below to be worth its bytes. */
const STEP = 1.15
const KBPS_OF_CHANNEL = 160
const LEAST_KBPS = 24
/** What AAC can hold: 6,144 bits a channel and frame of 1,024 samples, less what the encoder needs to choose. */
const BITS_OF_SAMPLE = 5.5

/** Never up: no rung has more bits, samples or channels than the original, and only what was lossless is offered as such. */
export function ladderOf(original: OriginalFormat): Ladder {
  const { sampleRate, isLossless, bits } = original
  const rate = aacRate(sampleRate)
  const channels = original.channels === 1 ? 1 : 2
  const most = Math.min(
    isLossless ? Number.POSITIVE_INFINITY : (original.kbps ?? AAC_KBPS.NORMAL),
    KBPS_OF_CHANNEL * channels,
    (BITS_OF_SAMPLE * rate * channels) / 1_000,
  )
  const rungs: Rung[] = []
  let below = 0
  for (const quality of ['LOW', 'NORMAL', 'HIGH'] as const) {
    const kbps = Math.max(LEAST_KBPS, Math.floor(Math.min(AAC_KBPS[quality], most)))
    if (kbps >= below * STEP) rungs.push({ quality, kbps })
    below = Math.max(below, kbps)
  }
  const rateFactor = sampleRate / rate
  if (isLossless && [1, 2, 4].includes(rateFactor) && original.channels <= 8)
    rungs.push({ quality: 'LOSSLESS', rateFactor, bits, channels: original.channels })
  return { rate, channels, rungs }
}

/** The original's own rate, or the one below that AAC has; above 48 kHz the half or quarter of it. */
function aacRate(sampleRate: number): number {
  for (const rate of [48_000, 44_100]) if (sampleRate > 48_000 && sampleRate % rate === 0) return rate
  return AAC_RATES.find((rate) => rate <= sampleRate) ?? 8_000
}
