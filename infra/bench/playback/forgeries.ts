import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { admit } from '../../../subgraphs/playback/services/admission.ts'
import type { KeyRing } from '../../../subgraphs/playback/services/key-ring.ts'
import { verifyStream } from '../../../subgraphs/playback/services/stream-token.ts'
import { NOW, newRing } from '../../../subgraphs/playback/testing/signed.ts'
import { forgeries, validTargets } from '../../../subgraphs/playback/testing/url-mutations.ts'
import { showProgress } from '../progress.ts'
import { report } from '../report.ts'
import { chooseSeed } from '../seed.ts'

const COUNT = 1_000_000
const BATCH = 20_000
/** How many times a rotation is gone through, each time with new keys. */
const ROTATIONS = 100

/**
 * `npm run bench -- forgeries [COUNT] [SEED]`: mutations of valid URLs and tokens against what the edge verifies with, and every valid
 * URL at every step of a key rotation on two servers that take the steps at different times. Fails when one forgery opens, or one
 * valid URL does not.
 */
export async function run([count = String(COUNT), given]: readonly string[]): Promise<void> {
  const seed = chooseSeed(given)
  const rings = [newRing('k1'), newRing('k2')] as const
  const both: KeyRing = { active: 'k1', keys: new Map(rings.flatMap(({ keys }) => [...keys])) }
  const valid = validTargets(rings)
  const known = new Set(valid)
  let [tried, opened, unchanged] = [0, 0, 0]
  const begun = performance.now()
  for (let batch = 0; tried < Number(count); batch++) {
    for (const forged of fc.sample(forgeries(valid), { seed: seed + batch, numRuns: BATCH })) {
      if (known.has(forged)) unchanged++
      else if (tried++ < Number(count) && admit(forged, both, NOW) !== null) {
        opened++
        process.stdout.write(`opens: ${forged}\n`)
      }
    }
    showProgress('forgeries', Math.min(tried, Number(count)), Number(count))
  }
  const seconds = (performance.now() - begun) / 1_000
  const rotation = { asked: 0, refused: 0 }
  for (let turn = 0; turn < ROTATIONS; turn++) {
    const { asked, refused } = rotate()
    rotation.asked += asked
    rotation.refused += refused
  }
  const verified = timeVerification(valid, both)

  report('forgeries', [
    { what: `forgeries (seed ${seed})`, value: Number(count), unit: '' },
    { what: 'forgeries that opened', value: opened, unit: '' },
    { what: 'drawn that were no forgery and left out', value: unchanged, unit: '' },
    { what: `valid URLs through ${ROTATIONS} rotations`, value: rotation.asked, unit: '' },
    { what: 'of them refused', value: rotation.refused, unit: '' },
    { what: 'URLs verified in a second', value: verified, unit: '' },
    { what: 'time', value: seconds, unit: 's' },
  ])
  if (opened > 0 || rotation.refused > 0) process.exitCode = 1
}

/** Adds a key, signs with it, drops the first: each server is up to a step behind the other, and URLs outlive the step they were made in. */
function rotate(): { asked: number; refused: number } {
  const [one, two] = [randomBytes(32), randomBytes(32)]
  const steps: KeyRing[] = [
    { active: 'k1', keys: new Map([['k1', one]]) },
    {
      active: 'k1',
      keys: new Map([
        ['k1', one],
        ['k2', two],
      ]),
    },
    {
      active: 'k2',
      keys: new Map([
        ['k1', one],
        ['k2', two],
      ]),
    },
    { active: 'k2', keys: new Map([['k2', two]]) },
  ]
  let [asked, refused] = [0, 0]
  for (const [step, signer] of steps.entries()) {
    const urls = validTargets([signer])
    // The last step waits until the last token of the first key is dead.
    const verifiers = steps.slice(Math.max(0, step - 1), signer.active === 'k1' ? 3 : 4)
    for (const verifier of verifiers)
      for (const url of urls) {
        asked++
        if (admit(url, verifier, NOW) === null) refused++
      }
  }
  return { asked, refused }
}

function timeVerification(valid: readonly string[], ring: KeyRing): number {
  const tokens = valid.map((target) => target.split('/')[2] ?? '')
  const begun = performance.now()
  let count = 0
  while (performance.now() - begun < 1_000) {
    for (const token of tokens) verifyStream(token, ring, NOW)
    count += tokens.length
  }
  return (count * 1_000) / (performance.now() - begun)
}
