import { readdirSync, readFileSync } from 'node:fs'
import { buildSchema, parse, separateOperations } from 'graphql'
import { describe, expect, test } from 'vitest'
import { cadenza, type Graph } from '../execute/testing/graphs.ts'
import { planOf } from '../execute/testing/planner.ts'
import { RANDOM_GRAPHS, randomGraph } from '../execute/testing/random-graph.ts'
import { randomOperation } from '../execute/testing/random-operation.ts'
import { createLeastFetches } from './least-fetches.ts'
import { countFetches, enforceFetches } from './planned-fetches.ts'

/** Operations a supergraph; raise it for a long run. */
const CASES = 40

const leastOf = ({ sdl, apiSchema }: Graph) => createLeastFetches(parse(sdl), apiSchema)

describe.each([
  { name: 'our own supergraph', compose: cadenza },
  ...RANDOM_GRAPHS.map((seed) => ({
    name: `the random supergraph ${seed}`,
    compose: () => randomGraph(seed),
  })),
])('$name', ({ compose }) => {
  test('no plan has fewer requests than were counted before', () => {
    const graph = compose()
    const least = leastOf(graph)
    let beyondOne = 0
    for (let seed = 0; seed < CASES; seed++) {
      const { source } = randomOperation(graph.apiSchema, seed)
      const document = parse(source)
      const planned = countFetches(planOf(graph)(document, undefined))
      const counted = least(document, undefined)
      // A plan may have none, where nothing but `__typename` is selected.
      expect({ seed, source, isLess: planned > 0 && planned < counted }).toEqual({
        seed,
        source,
        isLess: false,
      })
      if (counted > 1) beyondOne++
    }

    expect(beyondOne).toBeGreaterThan(0)
  }, 60_000)
})

test('it is not far below what our operations take', () => {
  const graph = cadenza()
  const least = leastOf(graph)
  const folder = new URL('../../schema/operations/', import.meta.url)
  let [planned, counted] = [0, 0]
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.graphql'))) {
    for (const [name, document] of Object.entries(
      separateOperations(parse(readFileSync(new URL(file, folder), 'utf8'))),
    )) {
      planned += countFetches(planOf(graph)(document, name))
      counted += least(document, name)
    }
  }

  expect(counted).toBeLessThanOrEqual(planned)
  expect(counted).toBeGreaterThan(planned * 0.8)
})

test('as many requests as allowed are taken, and one more is refused', () => {
  expect(() => enforceFetches(40, { fetches: 40 })).not.toThrow()
  expect(() => enforceFetches(41, { fetches: 40 })).toThrow('more than 40 requests')
})

test('places are counted as the answer has them: what stands under one name is one', () => {
  const sdl = `directive @join__type(graph: G) repeatable on OBJECT directive @join__field(graph: G, external: Boolean) repeatable on FIELD_DEFINITION
    enum G { A B }
    type Query @join__type(graph: A) { t: T us: [T] }
    type T @join__type(graph: A) @join__type(graph: B) { id: ID a: Int @join__field(graph: A) b: Int @join__field(graph: B) t: T @join__field(graph: B) both: Int }`
  const least = createLeastFetches(parse(sdl), buildSchema(sdl))
  const count = (source: string): number => least(parse(source), undefined)

  expect(count('{ t { a both id } }')).toBe(1)
  expect(count('{ t { a b } }')).toBe(2)
  expect(count('{ t { b } ...F } fragment F on Query { t { b ... on T { b } } }')).toBe(2)
  expect(count('{ t { b } x: t { b } }')).toBe(3)
  expect(count('{ t { t { b a t { a } } } }')).toBe(4)
})
