import { beforeEach, expect, test } from 'vitest'
import { createMemoryStore } from './memory-store.ts'
import { createRowCache, type RowCache } from './row-cache.ts'
import type { Place } from './row-store.ts'

/** What the "database" has now, and every read of it: each waits until it is let go. */
let rows: Map<string, string>
let reads: string[][]
let letGo: (() => void)[]
let cache: RowCache
let isFollowed: boolean

beforeEach(() => {
  rows = new Map([
    ['a', 'Ann'],
    ['b', 'Bo'],
  ])
  reads = []
  letGo = []
  isFollowed = true
  cache = createRowCache(createMemoryStore(1_000_000), () => isFollowed)
})

function ask(...ids: string[]): Promise<(string | null)[]> {
  return cache.through(
    ids.map((id) => ({ id, part: 'row' })),
    async (missing: readonly Place[]) => {
      reads.push(missing.map(({ id }) => id))
      const found = missing.map(({ id }) => rows.get(id) ?? null)
      await new Promise<void>((resolve) => letGo.push(resolve))
      return found
    },
  )
}

/** Lets every read end that has begun, and those that begin then. */
async function finish<Value>(asked: Promise<Value>): Promise<Value> {
  const timer = setInterval(() => {
    for (const go of letGo.splice(0)) go()
  })
  return asked.finally(() => clearInterval(timer))
}

test('what was read is kept, and what is missing is kept as missing', async () => {
  const first = await finish(ask('a', 'x'))
  const second = await finish(ask('x', 'a', 'b'))

  expect([first, second]).toEqual([
    ['Ann', null],
    [null, 'Ann', 'Bo'],
  ])
  expect(reads).toEqual([['a', 'x'], ['b']])
})

test('200 who ask at once for what nobody has make one read', async () => {
  const answers = await finish(Promise.all(Array.from({ length: 200 }, () => ask('a'))))

  expect(answers).toEqual(Array(200).fill(['Ann']))
  expect(reads).toEqual([['a']])
})

test('who asks for more than is being read reads the rest alone', async () => {
  const [one, two] = await finish(Promise.all([ask('a'), ask('b', 'a')]))

  expect([one, two]).toEqual([['Ann'], ['Bo', 'Ann']])
  expect(reads).toEqual([['a'], ['b']])
})

test('whoever asks after an eviction never gets what was read before it, and that is not kept', async () => {
  const early = ask('a')
  await new Promise((resolve) => setTimeout(resolve, 1))
  rows.set('a', 'Anna')
  cache.evict(['a'])
  const late = ask('a')

  expect(await finish(Promise.all([early, late]))).toEqual([['Ann'], ['Anna']])
  expect(await finish(ask('a'))).toEqual(['Anna'])
  expect(reads).toHaveLength(2)
})

test('an eviction of everything is one too', async () => {
  await finish(ask('a', 'b'))
  rows.set('b', 'Bob')
  cache.evict(null)

  expect(await finish(ask('a', 'b'))).toEqual(['Ann', 'Bob'])
})

test('a read that fails is told to all who waited for it, and kept by nobody', async () => {
  const failing = (): Promise<string[]> =>
    cache.through([{ id: 'a', part: 'row' }], () => Promise.reject(new Error('away')))

  const outcomes = await Promise.allSettled([failing(), failing()])

  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await finish(ask('a'))).toEqual(['Ann'])
})

test('while nobody would say what has changed, everything is read', async () => {
  await finish(ask('a'))
  isFollowed = false
  rows.set('a', 'Anna')

  expect(await finish(ask('a'))).toEqual(['Anna'])
})
