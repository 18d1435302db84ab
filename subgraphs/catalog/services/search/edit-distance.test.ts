import fc from 'fast-check'
import { expect, test } from 'vitest'
import { distances } from './edit-distance.ts'

/** Optimal string alignment as its definition has it: every cell, no band. */
function slowDistance(a: readonly string[], b: readonly string[]): number {
  const d = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : i)),
  )
  const at = (i: number, j: number): number => d[i]?.[j] ?? Number.POSITIVE_INFINITY
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      const swap =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : 99
      ;(d[i] as number[])[j] = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + same, swap)
    }
  return at(a.length, b.length)
}

const text = fc.array(fc.constantFrom('a', 'b', 'c', '夜', '\u{1f525}'), { maxLength: 14 })

test('up to four mistakes are counted as the definition counts them, more are far', () => {
  fc.assert(
    fc.property(text, text, (typed, title) => {
      const slow = slowDistance(typed, title)

      expect(distances(typed, title).whole).toBe(slow <= 4 ? slow : 99)
    }),
    { numRuns: 2_000 },
  )
})

test('the start is the best of all beginnings of the title', () => {
  fc.assert(
    fc.property(text, text, (typed, title) => {
      const slow = Math.min(
        ...[...title.keys(), title.length].map((end) => slowDistance(typed, title.slice(0, end))),
      )

      expect(distances(typed, title).start).toBe(slow <= 4 ? slow : 99)
    }),
    { numRuns: 2_000 },
  )
})

test('two letters swapped are one mistake, characters outside the basic plane too', () => {
  expect(distances([...'lvoe'], [...'love']).whole).toBe(1)
  expect(distances([...'a🔥'], [...'🔥a']).whole).toBe(1)
  expect(distances([...'love'], [...'love story'])).toEqual({ whole: 99, start: 0 })
})
