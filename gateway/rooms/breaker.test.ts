import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BREAKER, type BreakerState, createBreaker } from './breaker.ts'

/** A breaker with a clock of its own. */
function create() {
  const states: BreakerState[] = []
  const breaker = createBreaker(BREAKER, (state) => states.push(state))
  return {
    breaker,
    states,
    call(now: number, isFailure: boolean | null): boolean {
      const ticket = breaker.admit(now)
      if (ticket !== 0) breaker.report(ticket, isFailure, now)
      return ticket !== 0
    },
  }
}

/** So many calls of which every second one fails, the last one among them. */
const halfOf = (count: number): boolean[] => Array.from({ length: count }, (_, index) => index % 2 === 1)

test('opens at half of 20 calls, and not at half of 19 or at less than half of 20', () => {
  const [half, few, better] = [create(), create(), create()]

  for (const isFailure of halfOf(20)) half.call(0, isFailure)
  for (const isFailure of [true, ...halfOf(18)]) few.call(0, isFailure)
  for (let call = 0; call < 20; call++) better.call(0, call % 2 === 1 && call < 19)

  expect([half, few, better].map(({ breaker }) => breaker.state)).toEqual(['open', 'closed', 'closed'])
})

test('counts the last ten seconds only', () => {
  const slow = create()
  const late = create()

  for (let call = 0; call < 100; call++) slow.call(call * 1_000, call % 2 === 0)
  for (let call = 0; call < 18; call++) late.call(0, true)
  for (const isFailure of [false, true, true]) late.call(10_001, isFailure)

  expect(slow.states).toEqual([])
  expect(late.states).toEqual([])
})

test('opens after a second of nothing but failures, of 20 at least, however many calls went well before', () => {
  const [outage, blip, few, interrupted] = [create(), create(), create(), create()]
  for (const { call } of [outage, blip, few, interrupted])
    for (let count = 0; count < 1_000; count++) call(0, false)

  for (let count = 0; count < 20; count++) {
    outage.call(100 + count * 53, true)
    blip.call(100 + count * 52, true)
    if (count < 19) few.call(100 + count * 100, true)
    interrupted.call(100 + count * 53, count !== 10)
  }

  expect([outage, blip, few, interrupted].map(({ breaker }) => breaker.state)).toEqual([
    'open',
    'closed',
    'closed',
    'closed',
  ])
})

test('refuses everything for five seconds, then lets one call through at a time', () => {
  const { breaker, call } = create()
  for (const isFailure of halfOf(20)) call(1_000, isFailure)

  expect([1_000, 3_000, 5_999].map((now) => breaker.isOpen(now))).toEqual([true, true, true])
  expect(call(5_999, false)).toBe(false)
  const probe = breaker.admit(6_000)
  expect(probe).not.toBe(0)
  expect(breaker.admit(6_000)).toBe(0)
  expect(breaker.isOpen(6_000)).toBe(true)
})

test('closes when the probe succeeds, with nothing held against the room', () => {
  const { breaker, call, states } = create()
  for (const isFailure of halfOf(20)) call(0, isFailure)

  expect(call(5_000, false)).toBe(true)
  for (let count = 0; count < 19; count++) call(5_000, true)

  expect(states).toEqual(['open', 'probing', 'closed'])
  call(5_000, true)
  expect(breaker.state).toBe('open')
})

test('opens again for as long when the probe fails', () => {
  const { breaker, call } = create()
  for (const isFailure of halfOf(20)) call(0, isFailure)

  call(5_000, true)

  expect(breaker.isOpen(9_999)).toBe(true)
  expect(breaker.isOpen(10_000)).toBe(false)
})

test('tries another call when the probe was given up by whoever asked', () => {
  const { breaker, call } = create()
  for (const isFailure of halfOf(20)) call(0, isFailure)

  call(5_000, null)

  expect(breaker.state).toBe('probing')
  expect(call(5_000, false)).toBe(true)
  expect(breaker.state).toBe('closed')
})

test('takes no notice of how calls end that were made before its state changed', () => {
  const { breaker, call } = create()
  const old = breaker.admit(0)
  for (const isFailure of halfOf(20)) call(0, isFailure)

  const probe = breaker.admit(5_000)
  breaker.report(old, false, 5_000)
  expect(breaker.state).toBe('probing')
  breaker.report(probe, true, 5_000)
  breaker.report(old, false, 5_000)

  expect(breaker.state).toBe('open')
})

test('counts as a list of the calls of ten seconds would', () => {
  const call = fc.record({ isFailure: fc.boolean(), afterMs: fc.integer({ min: 0, max: 3_000 }) })
  fc.assert(
    fc.property(fc.array(call, { maxLength: 200 }), (calls) => {
      const { breaker, call: make } = create()
      const made: { now: number; slice: number; isFailure: boolean }[] = []
      let now = 0
      for (const { isFailure, afterMs } of calls) {
        now += afterMs
        make(now, isFailure)
        const slice = Math.floor(now / 1_000)
        made.push({ now, slice, isFailure })
        const recent = made.filter((one) => one.slice > slice - 10)
        const failures = recent.filter((one) => one.isFailure).length
        const lastSuccess = made.findLastIndex((one) => !one.isFailure)
        const row = made.slice(lastSuccess + 1)
        const isOutage = row.length >= 20 && now - (row[0]?.now ?? 0) >= 1_000
        const isTooMany = isFailure && ((recent.length >= 20 && failures * 2 >= recent.length) || isOutage)
        expect(breaker.state).toBe(isTooMany ? 'open' : 'closed')
        if (isTooMany) return
      }
    }),
  )
})
