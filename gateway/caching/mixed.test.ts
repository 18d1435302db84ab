import { expect, test } from 'vitest'
import { runMixed } from './testing/mixed.ts'

const SEED = Math.floor(Math.random() * 2 ** 31)
const MB = 1024 * 1024

/** More by `npm run bench -- mixed`. */
const REQUESTS = 2_500

test.each(['calls', 'answers'] as const)(
  `nobody gets what is another's, or older than what they know, sharing %s and keeping what may be kept (seed ${SEED})`,
  async (share) => {
    const report = await runMixed(REQUESTS, SEED, { share, entityBytes: 8 * MB, answerBytes: 8 * MB })

    expect(report.foreign).toEqual([])
    expect(report.wrong).toEqual([])
    expect(report.answersShared > REQUESTS / 50).toBe(share === 'answers')
    expect(report.callsShared).toBeGreaterThan(0)
    expect(report.answersCached).toBeGreaterThan(REQUESTS / 20)
    expect(report.entitiesCached).toBeGreaterThan(REQUESTS / 20)
  },
  60_000,
)
