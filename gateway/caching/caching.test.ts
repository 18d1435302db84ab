import { expect, test } from 'vitest'
import type { CallRoom } from '../execute/run.ts'
import { type CachingOptions, createCaching } from './caching.ts'
import { callerOf, directivesOf, openShop } from './testing/cached-shop.ts'

const ANN = callerOf('ann')
const NEVER = { cachePolicy: { maxAge: 0, scope: 'PUBLIC' as const, types: new Set<string>() } }
const ALL: CachingOptions = { share: 'answers', entityBytes: 1_000_000, answerBytes: 1_000_000 }
const directives = directivesOf({ cacheControl: { Track: { maxAge: 60 } } })

/** What is asked, of calls and of whole answers, and how often it is done. */
function openHouse(options: CachingOptions) {
  const caching = createCaching<{ data: string; errors: readonly unknown[] }>(options)
  let executed = 0
  const shop = openShop(
    (call: CallRoom, { supergraphSchema }) => caching.wrap(call, { supergraphSchema, directives }),
    async (room) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      return room === 'lists'
        ? { data: { list: { items: [{ track: { __typename: 'Track', id: '1' } }] } } }
        : { data: { _entities: [{ title: 't' }] } }
    },
  )
  const page = shop.compile('{ list { items { track { title } } } }')
  return {
    caching,
    page: () => page(ANN),
    answer: () =>
      caching.answers.give(
        {
          operation: NEVER,
          variables: {},
          caller: ANN,
          signal: { aborted: false, reason: null },
          trace: undefined,
        },
        async () => {
          executed++
          await new Promise((resolve) => setTimeout(resolve, 5))
          return { data: '', errors: [] }
        },
      ),
    executed: () => executed,
    asked: (room: string) => shop.calls.filter((call) => call.room === room).length,
  }
}

test.each([
  ['nothing', 2, 2, 2],
  ['calls', 1, 1, 2],
  ['answers', 1, 1, 1],
] as const)('sharing %s', async (share, lists, catalog, executions) => {
  const { page, answer, asked, executed } = openHouse({ share, entityBytes: 0, answerBytes: 0 })

  await Promise.all([page(), page(), answer(), answer()])

  expect([asked('lists'), asked('catalog'), executed()]).toEqual([lists, catalog, executions])
})

test('entities are kept only where there is memory for them', async () => {
  const [kept, not] = [openHouse(ALL), openHouse({ ...ALL, entityBytes: 0 })]

  for (const { page } of [kept, kept, not, not]) await page()

  expect([kept.asked('catalog'), not.asked('catalog')]).toEqual([1, 2])
})

test.each([
  ['a mutation', (house: ReturnType<typeof openHouse>) => house.caching.seal(ANN), 1],
  ['a change', (house: ReturnType<typeof openHouse>) => house.caching.evict('Track', '1'), 2],
  ['who knows what change', (house: ReturnType<typeof openHouse>) => house.caching.evictAll(), 2],
])('what is asked after %s joins nothing that was asked before', async (_, change, catalog) => {
  const house = openHouse(ALL)
  await house.page()

  const before = [house.page(), house.answer()]
  change(house)
  await Promise.all([...before, house.page(), house.answer()])

  expect([house.asked('lists'), house.executed()]).toEqual([3, 2])
  expect(house.asked('catalog')).toBe(catalog)
})
