import { expect, test } from 'vitest'
import { createBulkhead, type Guest } from './bulkhead.ts'

const create = () => createBulkhead({ places: 2, seats: 2 })

function guests(count: number): (Guest & { hasPlace: boolean })[] {
  return Array.from({ length: count }, () => ({
    hasPlace: false as boolean,
    take() {
      this.hasPlace = true
      return true
    },
  }))
}

test('has so many places, so many seats for those who wait, and sends others away', () => {
  const bulkhead = create()
  const all = guests(5)

  expect(all.map((guest) => bulkhead.enter(guest))).toEqual([true, true, true, true, false])

  expect(all.map(({ hasPlace }) => hasPlace)).toEqual([true, true, false, false, false])
  expect([bulkhead.taken, bulkhead.waiting]).toEqual([2, 2])
})

test('gives a place that is left to whoever waits longest', () => {
  const bulkhead = create()
  const all = guests(4)
  for (const guest of all) bulkhead.enter(guest)

  bulkhead.leave()
  expect(all.map(({ hasPlace }) => hasPlace)).toEqual([true, true, true, false])
  for (let left = 0; left < 3; left++) bulkhead.leave()

  expect([bulkhead.taken, bulkhead.waiting]).toEqual([0, 0])
})

test('passes over those who wait no longer, and those who do not want the place any more', () => {
  const bulkhead = create()
  const [first, second, third, fourth] = guests(4) as [Guest, Guest, Guest & { hasPlace: boolean }, Guest]
  const unwilling: Guest = { take: () => false }
  for (const guest of [first, second, unwilling, fourth]) bulkhead.enter(guest)
  bulkhead.resign(fourth)
  bulkhead.enter(third)

  bulkhead.leave()

  expect(third.hasPlace).toBe(true)
  expect([bulkhead.taken, bulkhead.waiting]).toEqual([2, 0])
})

test('is as empty as before when nobody of a long queue wants a place', () => {
  const bulkhead = createBulkhead({ places: 1, seats: 100_000 })
  bulkhead.enter({ take: () => true })
  for (let count = 0; count < 100_000; count++) bulkhead.enter({ take: () => false })

  bulkhead.leave()

  expect([bulkhead.taken, bulkhead.waiting]).toEqual([0, 0])
})
