import { z } from 'zod'
import { type RoyaltyTerms, royaltyTerms } from './royalties/terms.ts'
import type { Quality } from './services/quality.ts'

/** The best quality each tier listens in. */
export const TIER_TOP: Readonly<Record<'FREE' | 'PREMIUM', Quality>> = { FREE: 'NORMAL', PREMIUM: 'LOSSLESS' }

/** How much of a recording is heard by somebody whose tier does not include it: as much as just does not count as a play. */
export const PREVIEW_MS = 30_000

/** A play counts when this much of it was really heard. */
export const COUNTED_AFTER_MS = 30_000

/** What one `playbackReport` may carry, how far its clock may be off, and how far past the end a position may lie. */
export const REPORT_LIMITS = {
  events: 500,
  clockMs: 24 * 3_600_000,
  pastEndMs: 2_000,
  eventsOfPlayback: 5_000,
} as const

/** How many reports share a transaction when many come at once, and how many such transactions run at the same time. */
export const REPORT_GATHERING = { most: 20, lanes: 2 } as const

/** More connections than this count at the same time only on big machines, and then rarely the same track. */
export const PLAY_COUNT_STRIPES = 16

/**
 * The events of a playback are kept until nothing was heard of it for so long, and then none is taken any more: longer than a repeat
 * can pass the check of its clock.
 */
export const EVENTS_KEPT_MS = 3 * 24 * 3_600_000

/** How many playbacks of the one device that streams are current: what is heard, what comes next, and one whose answer was lost. */
export const LEASED_PLAYBACKS = 3

/** How many items a queue holds, and the speeds at which it may be played. */
export const MAX_QUEUE = 10_000
export const RATES = { least: 0.5, most: 3 } as const

/** How many may listen together. */
export const MAX_LISTENERS = 32

/** What one account may hold offline, and how long it may be heard without asking again. */
export const OFFLINE = { tracks: 10_000, devices: 5, licenceMs: 30 * 24 * 3_600_000, tasks: 500 } as const

/** The catalogue is asked for the audio of one playable at most this often. */
export const AUDIO_REQUEST_EVERY_MS = 10_000

/** Loudness everything is brought to, in hundredths of LUFS. */
export const TARGET_CENTILUFS = -1_400

/** How long a transaction may wait for a connection, and take. */
export const TRANSACTION = { maxWait: 5_000, timeout: 10_000 } as const

/** What royalties are billed by where `CADENZA_ROYALTY_TERMS` says nothing else. One PREMIUM stream earns what four FREE ones do. */
export const ROYALTY_TERMS: RoyaltyTerms = {
  tierWeights: { PREMIUM: 1_000, FREE: 250 },
  recordingBasisPoints: 8_000,
  repeatWindowMs: 10 * 60_000,
  loopPlaysPerDay: 100,
  hoursMsPerDay: 20 * 3_600_000,
  listenersPerDevice: 5,
}

/** What an operator may set: some of the terms, as a JSON object. They hold for months closed from then on. */
export const playbackSettings = z.object({
  CADENZA_ROYALTY_TERMS: z
    .string()
    .default('{}')
    .transform((text, context): RoyaltyTerms => {
      try {
        return royaltyTerms.parse({ ...ROYALTY_TERMS, ...JSON.parse(text) })
      } catch (error) {
        context.addIssue({
          code: 'custom',
          message: error instanceof z.ZodError ? z.prettifyError(error) : 'must be a JSON object',
        })
        return z.NEVER
      }
    }),
})

export type PlaybackSettings = Readonly<z.infer<typeof playbackSettings>>
