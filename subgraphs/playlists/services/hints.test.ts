import { afterEach, describe, expect, test } from 'vitest'
import { HAS_REDIS, startRedis } from '#shared/testing/redis.ts'
import { ann, createEdits } from '../testing/edits.ts'
import { createTestRoom, range, type TestRoom } from '../testing/playlists-room.ts'
import { createView, type Subscriber, subscribe } from '../testing/view.ts'

let playlists: TestRoom | undefined
afterEach(() => playlists?.[Symbol.asyncDispose]())

/** Reads until a revision, and says how long that took (ms). A missing, repeated or misplaced edit throws. */
function createReader(subscriber: Subscriber) {
  const view = createView()
  return {
    view,
    async upTo(revision: number): Promise<number> {
      const begun = performance.now()
      while (view.revision < revision) view.apply((await subscriber.next()) as never)
      return performance.now() - begun
    },
  }
}

test('with every hint between processes lost, each edit comes all the same, a second later at most', async () => {
  playlists = await createTestRoom(10_000, 'redis://127.0.0.1:1')
  const edits = createEdits(playlists, playlists)
  const { id } = await playlists.create(ann, [1], { visibility: 'PUBLIC' })
  const subscriber = await subscribe(await playlists.another(), id)
  const reader = createReader(subscriber)
  await reader.upTo(2)

  const waits: number[] = []
  for (const n of range(0, 5)) {
    await edits.add(ann, id, [n])
    waits.push(await reader.upTo(3 + n))
  }

  expect(reader.view.items).toEqual(await playlists.itemsOf(id))
  expect(Math.max(...waits)).toBeGreaterThan(100) // or hints were not lost
  expect(waits.toSorted((one, other) => one - other)[2]).toBeLessThan(1_000)
  await subscriber.leave()
})

describe.skipIf(!HAS_REDIS)('by Redis', () => {
  test('edits come at once, go on coming while it is dead, and at once again when it is back', async () => {
    await using redis = await startRedis()
    playlists = await createTestRoom(10_000, redis.url)
    const edits = createEdits(playlists, playlists)
    const { id } = await playlists.create(ann, [1], { visibility: 'PUBLIC' })
    const subscriber = await subscribe(await playlists.another(), id)
    const reader = createReader(subscriber)
    await reader.upTo(2)
    let revision = 2
    const addSome = async (): Promise<number[]> => {
      const waits: number[] = []
      for (const n of range(0, 6)) {
        await edits.add(ann, id, [n])
        waits.push(await reader.upTo(++revision))
      }
      return waits.sort((one, other) => one - other)
    }

    await expect.poll(async () => (await addSome())[3], { timeout: 10_000 }).toBeLessThan(200)
    await redis.kill()
    await addSome()
    await redis.start()
    await expect.poll(async () => (await addSome())[3], { timeout: 10_000 }).toBeLessThan(200)

    expect(reader.view.items).toEqual(await playlists.itemsOf(id))
    await subscriber.leave()
  }, 60_000)
})
