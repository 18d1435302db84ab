import { z } from 'zod'

const count = z.int().positive()
const DAY_MS = 24 * 3_600_000

/**
 * What a month is billed by. The terms are written into its statement, and its corrections use those. Days are of UTC, "billable" is what
 * was presented whole and heard for 30 s.
 */
export const royaltyTerms = z
  .object({
    /** What one billable stream weighs against another, by the tier it was heard in. */
    tierWeights: z.object({ PREMIUM: count, FREE: count }),
    /** The recording's part of what a stream earns, in basis points; the rest is the work's. */
    recordingBasisPoints: z.int().min(0).max(10_000),
    /** A track is billed once a listener and so long, counted from the start of the last play that was billed. */
    repeatWindowMs: z
      .int()
      .min(1)
      .max(DAY_MS / 2),
    /** More billable plays of one track by one listener in a day are a loop: none of them is billed. */
    loopPlaysPerDay: count,
    /** More billable listening of one listener in a day is nobody's: none of it is billed. */
    hoursMsPerDay: count,
    /** More listeners on one device in a day are no people: nothing of that device and day is billed. */
    listenersPerDevice: count,
  })
  .refine(({ repeatWindowMs, loopPlaysPerDay }) => (loopPlaysPerDay + 1) * repeatWindowMs < DAY_MS, {
    error:
      'a day must have room for more repeat windows than plays that are no loop: who is judged from the day before on would else not be judged alike from any day on',
  })

export type RoyaltyTerms = Readonly<z.infer<typeof royaltyTerms>>
