import { expect, test } from 'vitest'
import { createGathering } from './gathering.ts'

const turn = () => new Promise((resolve) => setTimeout(resolve, 1))

test('the first is done at once and alone, those that come meanwhile together, at most so many', async () => {
  const batches: number[][] = []
  const gathering = createGathering<number, number>({
    most: 3,
    lanes: 1,
    async work(tasks) {
      batches.push([...tasks])
      await turn()
      return tasks.map((task) => -task)
    },
  })

  expect(await Promise.all([1, 2, 3, 4, 5].map((task) => gathering.add(task)))).toEqual([-1, -2, -3, -4, -5])
  expect(batches).toEqual([[1], [2, 3, 4], [5]])
  expect(await gathering.add(6)).toBe(-6)
})

test('as many batches as there are lanes are done at the same time', async () => {
  let [now, most] = [0, 0]
  const gathering = createGathering<number, number>({
    most: 1,
    lanes: 2,
    async work(tasks) {
      most = Math.max(most, ++now)
      await turn()
      now--
      return tasks
    },
  })

  await Promise.all(Array.from({ length: 10 }, (_, task) => gathering.add(task)))
  expect(most).toBe(2)
})

test('of a batch that fails each is done again alone, so that one fails for itself', async () => {
  const gathering = createGathering<number, number>({
    most: 10,
    lanes: 1,
    async work(tasks) {
      await turn()
      if (tasks.includes(3)) throw new Error('3 fails')
      return tasks
    },
  })

  const settled = await Promise.allSettled([1, 2, 3, 4].map((task) => gathering.add(task)))
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
  expect(await gathering.add(5)).toBe(5)
})
