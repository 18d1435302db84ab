import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTopK } from './top-k.ts'

test('it keeps what sorting everything would have kept, in the same order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), fc.integer({ min: 0, max: 40 }), (scores, k) => {
      const top = createTopK(k)
      for (const [row, score] of scores.entries()) top.offer(row, score)

      const sorted = [...scores.entries()].sort(([a, one], [b, other]) => other - one || a - b).slice(0, k)
      const { rows, scores: kept } = top.drain()
      expect([...rows]).toEqual(sorted.map(([row]) => row))
      expect([...kept]).toEqual(sorted.map(([, score]) => score))
    }),
  )
})
