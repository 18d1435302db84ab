import { expect, test } from 'vitest'
import { createRetryBudget, isRepeatable } from './retry-budget.ts'

const spendAll = (budget: ReturnType<typeof createRetryBudget>): number => {
  let count = 0
  while (budget.spend()) count++
  return count
}

test('allows a few retries from the beginning, and one more for ten calls', () => {
  const budget = createRetryBudget()

  expect(spendAll(budget)).toBe(10)
  for (let call = 0; call < 9; call++) budget.earn()
  expect(spendAll(budget)).toBe(0)
  budget.earn()
  expect(spendAll(budget)).toBe(1)
})

test('saves no more than it began with', () => {
  const budget = createRetryBudget()

  for (let call = 0; call < 10_000; call++) budget.earn()

  expect(spendAll(budget)).toBe(10)
})

test('only what reads may be sent twice', () => {
  expect(['{ a }', 'query { a }', 'query A { a }'].every(isRepeatable)).toBe(true)
  expect(['mutation { a }', 'subscription { a }', ' mutation { a }', ''].some(isRepeatable)).toBe(false)
})
