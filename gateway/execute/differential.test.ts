import { describe, expect, it } from 'vitest'
import { createDifferential } from './testing/differential.ts'
import { cadenza } from './testing/graphs.ts'
import { faultsOf, partialFaultsOf } from './testing/judgement.ts'
import { RANDOM_GRAPHS, randomGraph } from './testing/random-graph.ts'

/** Operations a graph; `npm run bench -- differential 10000` runs more of the same. */
const CASES = 50

/** Every this many operations, one is a mutation. */
const MUTATION_EVERY = 7

describe.each([
  { name: 'our own supergraph', compose: cadenza },
  ...RANDOM_GRAPHS.map((seed) => ({
    name: `a random supergraph, seed ${seed}`,
    compose: () => randomGraph(seed),
  })),
])('$name', ({ compose }) => {
  const graph = compose()
  const compare = createDifferential(graph)
  const hasMutations = graph.apiSchema.getMutationType() != null

  it('is answered as an undivided schema answers, with no more calls than stock makes', async () => {
    const faulty: unknown[] = []
    const calls = { ours: 0, stock: 0 }
    for (let seed = 0; seed < CASES; seed++) {
      const isMutation = hasMutations && seed % MUTATION_EVERY === 0
      const comparison = await compare(seed, isMutation ? 'mutation' : 'query')
      const faults = faultsOf(comparison)
      if (faults.length > 0) faulty.push({ seed, faults, source: comparison.source })
      calls.ours += comparison.calls.ours
      calls.stock += comparison.calls.stock
    }

    expect(faulty).toEqual([])
    // Now and then one more, to learn whether there is an object of which nothing is selected, or what is left without a `@requires`.
    expect(calls.ours).toBeLessThan(calls.stock * 1.05)
  }, 60_000)

  it('is answered in part when a room is away, with an error, and with no less than stock says', async () => {
    const faulty: unknown[] = []
    let missed = 0
    for (let seed = 0; seed < CASES; seed += 2) {
      const comparison = await compare(seed, 'query', true)
      const faults = partialFaultsOf(comparison)
      if (faults.length > 0) faulty.push({ seed, faults, source: comparison.source })
      if (comparison.ours.errors.length > 0) missed++
    }

    expect(faulty).toEqual([])
    expect(missed).toBeGreaterThan(0)
  }, 60_000)
})

it('never calls a field that only a room needs by a name that the client gave to another', async () => {
  const compare = createDifferential(randomGraph(23))

  expect(faultsOf(await compare(335, 'query'))).toEqual([])
})
