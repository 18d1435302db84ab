import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AlikeCandidate, type Candidate, TIERS } from './engine.ts'
import { KINDS, rank, topOf } from './ranking.ts'

const tier = fc.constantFrom(...Object.values(TIERS).filter((value) => value !== TIERS.alike))
const candidates = fc.uniqueArray(
  fc.record({
    kind: fc.constantFrom(...KINDS),
    id: fc.string({ minLength: 1, maxLength: 4 }),
    tier,
    popularity: fc.integer({ min: 0, max: 100 }),
    titleKey: fc.string({ maxLength: 1 }),
    credit: fc.constantFrom(1, 2),
  }),
  { selector: ({ id }) => id, maxLength: 60 },
)
const affinities = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 4 }),
  fc.double({ min: 0, max: 1, noNaN: true }),
)

const of = (columns: Partial<Candidate>): Candidate => ({
  kind: 'TRACK',
  id: 'x',
  tier: TIERS.exact,
  popularity: 50,
  titleKey: 'love',
  credit: 1,
  ...columns,
})

test('scores fall, tiers come before all else, and each kind has at most as many as asked for', () => {
  fc.assert(
    fc.property(candidates, affinities, fc.integer({ min: 1, max: 50 }), (found, affinity, first) => {
      const hits = rank(found, [], first, new Map(Object.entries(affinity)), true)

      for (const kind of KINDS) {
        const scores = hits[kind].map(({ score }) => score)
        expect(scores).toEqual([...scores].sort((a, b) => b - a))
        expect(hits[kind].length).toBe(
          Math.min(first, found.filter((candidate) => candidate.kind === kind).length),
        )
      }
      for (const { id, score } of Object.values(hits).flat()) {
        const own = found.find((candidate) => candidate.id === id)?.tier ?? 0
        expect(score).toBeLessThan(own + 1)
        expect(Math.floor(score) === own || Math.floor(score) === Math.min(own, TIERS.title)).toBe(true)
      }
      const best = Math.max(...Object.values(hits).flatMap((list) => list.map(({ score }) => score)))
      expect(topOf(hits)?.score ?? Number.NEGATIVE_INFINITY).toBe(best)
    }),
  )
})

test('a re-release comes after everything that begins with what was typed', () => {
  const found = [
    of({ id: 'a', popularity: 60 }),
    of({ id: 'b', popularity: 55 }),
    of({ id: 'c', popularity: 5, tier: TIERS.beginning, titleKey: 'lovely' }),
    of({ id: 'd', popularity: 40, credit: 2 }),
    of({ id: 'e', popularity: 99, tier: TIERS.artist, titleKey: 'other' }),
  ]

  expect(rank(found, [], 10, new Map(), true).TRACK.map(({ id }) => id)).toEqual(['a', 'd', 'c', 'b', 'e'])
})

test('what is alike comes after everything else, closest first, and nothing twice', () => {
  const found = [of({ id: 'a', tier: TIERS.album, popularity: 0 })]
  const like = (id: string, closeness: number, popularity: number): AlikeCandidate => ({
    ...of({ id, popularity, tier: TIERS.alike }),
    closeness,
    spelling: 'love',
  })

  const { TRACK } = rank(
    found,
    [like('far', 0.6, 100), like('a', 1, 100), like('near', 0.9, 0)],
    10,
    new Map(),
    true,
  )

  expect(TRACK.map(({ id, matchedBy }) => [id, matchedBy[0]])).toEqual([
    ['a', 'FULL_TEXT'],
    ['near', 'FUZZY'],
    ['far', 'FUZZY'],
  ])
})

test('of what comes as close, each title is there once before any is there twice, the more popular first', () => {
  const like = (id: string, titleKey: string, popularity: number): AlikeCandidate => ({
    ...of({ id, titleKey, popularity, tier: TIERS.alike }),
    closeness: 0.8,
    spelling: titleKey,
  })
  const alike = [like('a', 'time', 90), like('b', 'time', 80), like('c', 'me', 70), like('d', 'tree', 1)]

  const { TRACK } = rank([], [...alike, { ...like('e', 'ten', 100), closeness: 0.7 }], 10, new Map(), true)

  expect(TRACK.map(({ id }) => id)).toEqual(['a', 'c', 'd', 'b', 'e'])
})
