import { createDifferential } from '../../gateway/execute/testing/differential.ts'
import { cadenza } from '../../gateway/execute/testing/graphs.ts'
import { faultsOf, partialFaultsOf, stockFaultOf } from '../../gateway/execute/testing/judgement.ts'
import { RANDOM_GRAPHS, randomGraph } from '../../gateway/execute/testing/random-graph.ts'
import { showProgress } from './progress.ts'
import { report } from './report.ts'

const MUTATION_EVERY = 7
const AWAY_EVERY = 5
const SHOWN = 20

/**
 * `differential [operations] [first seed]`: generated operations over our supergraph and random ones, answered by our executor,
 * stock's and an undivided schema. Fails when ours differs from the undivided schema's.
 */
export async function run([count = '10000', first = '0']: readonly string[]): Promise<void> {
  const graphs = [
    { name: 'ours', graph: cadenza() },
    ...RANDOM_GRAPHS.map((seed) => ({ name: `random ${seed}`, graph: randomGraph(seed) })),
  ].map(({ name, graph }) => ({
    name,
    compare: createDifferential(graph),
    hasMutations: graph.apiSchema.getMutationType() != null,
  }))
  const tally = new Map<string, number>()
  const add = (what: string): void => void tally.set(what, (tally.get(what) ?? 0) + 1)
  const failures: string[] = []
  const each = Math.ceil(Number(count) / graphs.length)
  const begun = performance.now()

  for (const { name, compare, hasMutations } of graphs) {
    for (let seed = Number(first); seed < Number(first) + each; seed++) {
      const isMutation = hasMutations && seed % MUTATION_EVERY === 0
      const comparison = await compare(seed, isMutation ? 'mutation' : 'query')
      const faults = faultsOf(comparison)
      add('operations')
      if (faults.length > 0)
        failures.push(`${name}, seed ${seed}: ${faults.join('; ')}\n${comparison.source}`)
      const stockFault = stockFaultOf(comparison)
      if (stockFault !== undefined) add(`stock: ${stockFault}`)
      if (seed % (2 * AWAY_EVERY) === 0) {
        const partial = await compare(seed, 'query', true)
        const missing = partialFaultsOf(partial)
        add('operations with a room away')
        if (missing.length > 0) {
          failures.push(`${name}, seed ${seed}, a room away: ${missing.join('; ')}\n${partial.source}`)
        }
      }
      showProgress('operations', tally.get('operations') ?? 0, each * graphs.length)
    }
  }
  for (const failure of failures.slice(0, SHOWN)) process.stdout.write(`${failure}\n\n`)
  const kinds = [...tally]
    .filter(([what]) => what.startsWith('stock'))
    .sort(([, one], [, other]) => other - one)
  report('differential', [
    { what: 'operations', value: tally.get('operations') ?? 0, unit: '' },
    { what: 'operations with a room away', value: tally.get('operations with a room away') ?? 0, unit: '' },
    { what: 'first seed', value: Number(first), unit: '' },
    { what: 'ours differs', value: failures.length, unit: '' },
    ...kinds.map(([what, value]) => ({ what, value, unit: '' })),
    { what: 'took', value: (performance.now() - begun) / 1000, unit: 's' },
  ])
  if (failures.length > 0) process.exitCode = 1
}
