import { expect, test } from 'vitest'
import { runMixed } from './testing/mixed.ts'

const SEED = Math.floor(Math.random() * 2 ** 31)
const MB = 1024 * 1024

/** More by `npm run bench -- mixed`. */
const REQUESTS = 5_000

test(`nobody gets what is another's, or older than what they know, with everything shared and kept (seed ${SEED})`, async () => {
  const report = await runMixed(REQUESTS, SEED, {
    share: 'answers',
    entityBytes: 8 * MB,
    answerBytes: 8 * MB,
  })

  expect(report.foreign).toEqual([])
  expect(report.wrong).toEqual([])
  expect(report.answersShared).toBeGreaterThan(0)
  expect(report.answersCached).toBeGreaterThan(REQUESTS / 20)
  expect(report.callsShared).toBeGreaterThan(0)
  expect(report.entitiesCached).toBeGreaterThan(REQUESTS / 20)
}, 60_000)
