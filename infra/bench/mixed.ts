import { runMixed } from '../../gateway/caching/testing/mixed.ts'
import { report } from './report.ts'

const REQUESTS = 100_000
const SEED = 20_261_121
const CACHE_BYTES = 64 * 2 ** 20
const SHOWN = 5

/**
 * `npm run bench -- mixed [REQUESTS] [SEED]`: requests of 50 viewers to a door over HTTP with everything shared and kept, and every
 * answer compared with what its viewer has to see. Fails when one holds what is another's, or is older than what the viewer knew.
 */
export async function run([
  requests = String(REQUESTS),
  seed = String(SEED),
]: readonly string[]): Promise<void> {
  const caching = { share: 'answers' as const, entityBytes: CACHE_BYTES, answerBytes: CACHE_BYTES }
  const { foreign, wrong, ...mixed } = await runMixed(Number(requests), Number(seed), caching)
  for (const answer of [...foreign, ...wrong].slice(0, SHOWN)) process.stdout.write(`${answer}\n`)
  report('mixed', [
    { what: `requests of 50 viewers (seed ${seed})`, value: mixed.requests, unit: '' },
    { what: 'answers that belong to another', value: foreign.length, unit: '' },
    { what: 'answers that are wrong or too old', value: wrong.length, unit: '' },
    { what: 'answers shared with an execution under way', value: mixed.answersShared, unit: '' },
    { what: 'answers cached', value: mixed.answersCached, unit: '' },
    { what: 'calls shared with one under way', value: mixed.callsShared, unit: '' },
    { what: 'entities cached', value: mixed.entitiesCached, unit: '' },
    { what: 'calls that reached a room', value: mixed.calls, unit: '' },
    { what: 'time', value: mixed.seconds, unit: 's' },
  ])
  if (foreign.length + wrong.length > 0) process.exitCode = 1
}
