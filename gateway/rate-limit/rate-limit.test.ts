import { expect, test } from 'vitest'
import { anonymous } from '#shared/identity.ts'
import type { Caller } from '../caller.ts'
import { createRateLimiter, type Rate, type RateLimiter } from './limiter.ts'
import { createRateLimit, RateLimited } from './rate-limit.ts'

const RATE: Rate = { perHour: 1_000, burst: 1_000 }

const limiterAt = (rate: Rate): { limiter: RateLimiter; wait(ms: number): void } => {
  let now = 5_000
  return {
    limiter: createRateLimiter(rate, () => now),
    wait(ms) {
      now += ms
    },
  }
}
const caller = (userId: string | null, address = '192.0.2.1'): Caller => ({
  identity: { ...anonymous(null), userId },
  headers: {},
  key: '',
  view: '',
  rights: null,
  address,
})
const admitted = async (limit: ReturnType<typeof createRateLimit>, who: Caller, times: number) => {
  const outcomes = await Promise.allSettled(Array.from({ length: times }, () => limit.admit(who)))
  return outcomes.filter(({ status }) => status === 'fulfilled').length
}

test('takes exactly the burst at once and refuses the next', async () => {
  for (const rate of [RATE, { perHour: 7, burst: 3 }, { perHour: 999_983, burst: 10_007 }]) {
    const { limiter } = limiterAt(rate)
    for (let taken = 0; taken < rate.burst; taken++) {
      expect(await limiter.take('a', 1)).toMatchObject({ allowed: true, remaining: rate.burst - taken - 1 })
    }
    expect(await limiter.take('a', 1)).toMatchObject({ allowed: false, remaining: 0 })
  }
})

test('what was taken comes back one by one, not an hour at a time', async () => {
  const { limiter, wait } = limiterAt(RATE)
  await limiter.take('a', RATE.burst)
  const { retryAfterMs } = await limiter.take('a', 2)

  expect(retryAfterMs).toBeCloseTo(7_200, 0)
  wait(retryAfterMs - 1)
  expect(await limiter.take('a', 2)).toMatchObject({ allowed: false, remaining: 1 })
  wait(1)
  expect(await limiter.take('a', 2)).toMatchObject({ allowed: true, remaining: 0 })
})

test('no hour, wherever it begins, lets more pass than the burst and the rate', async () => {
  const { limiter, wait } = limiterAt({ perHour: 60, burst: 10 })
  const times: number[] = []
  for (let second = 0; second < 3 * 3_600; second += 7) {
    if ((await limiter.take('a', 1)).allowed) times.push(second)
    wait(7_000)
  }
  const most = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 3_600).length))

  expect(most).toBeLessThanOrEqual(70)
  expect(most).toBeGreaterThan(65)
})

test('a refused request takes nothing, and more than a burst takes one', async () => {
  const { limiter } = limiterAt({ perHour: 10, burst: 10 })

  expect(await limiter.take('a', 6)).toMatchObject({ allowed: true, remaining: 4 })
  expect(await limiter.take('a', 5)).toMatchObject({ allowed: false, remaining: 4 })
  expect(await limiter.take('a', 4)).toMatchObject({ allowed: true, remaining: 0 })
  expect(await limiter.take('b', 99)).toMatchObject({ allowed: true, remaining: 0 })
})

test('of 64 callers at once, as many are admitted as there are units', async () => {
  const limit = createRateLimit(createRateLimiter({ perHour: 100, burst: 100 }))
  const outcomes = await Promise.all(Array.from({ length: 64 }, () => admitted(limit, caller('u1'), 5)))

  expect(outcomes.reduce((sum, count) => sum + count, 0)).toBe(100)
})

test('a user has a rate wherever he comes from, and whoever is nobody shares that of the address', async () => {
  const { limiter } = limiterAt({ perHour: 10, burst: 10 })
  const limit = createRateLimit(limiter)

  expect(await admitted(limit, caller('u1'), 12)).toBe(10)
  expect(await admitted(limit, caller('u1', '192.0.2.9'), 1)).toBe(0)
  expect(await admitted(limit, caller('u2'), 1)).toBe(1)
  expect(await admitted(limit, caller(null), 12)).toBe(10)
  expect(await admitted(limit, caller(null, '192.0.2.9'), 12)).toBe(10)
})

test('a request costs a unit for each thousand of its cost', async () => {
  const { limiter } = limiterAt({ perHour: 10, burst: 10 })
  const limit = createRateLimit(limiter)
  for (const cost of [0, 1_000, 1_001, 3_500]) {
    await limit.admit(caller('u1'))
    await limit.charge(caller('u1'), cost, 0)
  }

  expect(await limiter.take('user u1', 3)).toMatchObject({ allowed: false, remaining: 2 })
})

test('guesses at secrets are counted by address, and beside everything else', async () => {
  const { limiter } = limiterAt({ perHour: 100, burst: 100 })
  const limit = createRateLimit(limiter)
  for (let guess = 0; guess < 10; guess++) await limit.charge(caller(guess % 2 ? 'u1' : null), 10, 10)

  await expect(limit.charge(caller('u2'), 10, 10)).rejects.toThrow(RateLimited)
  await expect(limit.charge(caller('u2', '192.0.2.9'), 10, 10)).resolves.toBeUndefined()
  expect(await admitted(limit, caller(null), 101)).toBe(100)
})

test('who is refused is told for how long, in whole seconds', async () => {
  const { limiter } = limiterAt({ perHour: 1_000, burst: 1 })
  const limit = createRateLimit(limiter)
  await limit.admit(caller('u1'))

  await expect(limit.admit(caller('u1'))).rejects.toMatchObject({
    code: 'RATE_LIMITED',
    message: 'Too many requests: try again in 4 s',
    extensions: { code: 'RATE_LIMITED', retryAfter: 4 },
  })
})

test('a fine takes what is left where that is less', async () => {
  const { limiter } = limiterAt({ perHour: 100, burst: 70 })
  const limit = createRateLimit(limiter)
  await limit.fine(caller('u1'))
  expect(await limiter.take('user u1', 1)).toMatchObject({ remaining: 19 })
  await limit.fine(caller('u1'))

  expect(await admitted(limit, caller('u1'), 1)).toBe(0)
})
