import { isDeepStrictEqual } from 'node:util'
import type { GraphQLFormattedError } from 'graphql'
import { describe, expect, it } from 'vitest'
import { createDifferential, faultsOf } from './testing/differential.ts'
import { cadenza, library } from './testing/graphs.ts'

/** Operations a graph; raise it for a long run. */
const CASES = 150

/** Every this many operations, one is a mutation. */
const MUTATION_EVERY = 7

describe.each([
  { name: 'our own supergraph', compose: cadenza },
  { name: 'a supergraph of everything ours does without', compose: library },
])('$name', ({ compose }) => {
  it('answers generated operations as an undivided schema does', async () => {
    const compare = createDifferential(compose())
    const faulty: unknown[] = []
    let asStock = 0
    const calls = { ours: 0, stock: 0 }
    for (let seed = 0; seed < CASES; seed++) {
      const comparison = await compare(seed, seed % MUTATION_EVERY === 0 ? 'mutation' : 'query')
      const faults = faultsOf(comparison)
      if (faults.length > 0) faulty.push({ seed, faults, source: comparison.source })
      if (isDeepStrictEqual(comparison.ours.data, comparison.stock.data)) asStock++
      calls.ours += comparison.calls.ours
      calls.stock += comparison.calls.stock
    }

    expect(faulty).toEqual([])
    expect(asStock / CASES).toBeGreaterThan(0.95)
    expect(calls.ours).toBeLessThan(calls.stock)
  }, 120_000)

  it('answers without a room what stock answers without it, and says so', async () => {
    const compare = createDifferential(compose())
    let missed = 0
    for (let seed = 0; seed < CASES / 3; seed++) {
      const { ours, stock, source } = await compare(seed, 'query', true)
      expect({ source, data: ours.data }).toEqual({ source, data: stock.data })
      if (stock.errors.length > 0) missed++
      expect(ours.errors.length > 0).toBe(stock.errors.length > 0 || ours.errors.some(isViolation))
    }

    expect(missed).toBeGreaterThan(0)
  }, 120_000)
})

/** A null that no error explains: an error for us, as the specification has it, and none for stock. */
function isViolation({ extensions }: GraphQLFormattedError): boolean {
  return extensions?.['code'] === 'INTERNAL_SERVER_ERROR'
}
