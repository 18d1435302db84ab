import { afterAll, beforeAll, expect, test } from 'vitest'
import { ann, createEdits, type Edits } from '../testing/edits.ts'
import { createTestRoom, range, type TestRoom } from '../testing/playlists-room.ts'
import { logReadsOf } from '../testing/reads.ts'
import { type ChangeMessage, subscribe, take } from '../testing/view.ts'

let playlists: TestRoom
let edits: Edits

beforeAll(async () => {
  playlists = await createTestRoom()
  edits = createEdits(playlists, playlists)
})
afterAll(() => playlists[Symbol.asyncDispose]())

test('200 subscribers who leave while they wait leave nothing behind, and are let go at once', async () => {
  const lists = await Promise.all(
    range(0, 10).map((n) => playlists.create(ann, [n], { visibility: 'PUBLIC' })),
  )
  expect(playlists.room.topic.size()).toBe(0)
  const subscribers = await Promise.all(
    range(0, 200).map((n) => subscribe(playlists, lists[n % 10]?.id ?? '')),
  )
  await Promise.all(subscribers.map((subscriber) => take(subscriber, 1)))
  expect(playlists.room.topic.size()).toBe(10)

  const waiting = subscribers.map((subscriber) => subscriber.next())
  await new Promise((resolve) => setTimeout(resolve, 20))
  await Promise.all(subscribers.map((subscriber) => subscriber.leave()))

  expect(await Promise.all(waiting)).toEqual(Array(200).fill(null))
  expect(playlists.room.topic.size()).toBe(0)
  expect(playlists.room.watchers()).toBe(0)
})

test('subscribers who leave before the first message leave nothing behind either', async () => {
  const { id } = await playlists.create(ann, [1], { visibility: 'PUBLIC' })
  const subscribers = await Promise.all(range(0, 50).map(() => subscribe(playlists, id)))
  const first = subscribers.slice(0, 25).map((subscriber) => subscriber.next())

  await Promise.all(subscribers.map((subscriber) => subscriber.leave()))
  await Promise.all(first)

  expect(playlists.room.topic.size()).toBe(0)
  expect(playlists.room.watchers()).toBe(0)
})

test('a hint that is lost costs a second, not an edit', async () => {
  const { id, items } = await playlists.create(ann, [1, 2], { visibility: 'PUBLIC' })
  const subscriber = await subscribe(playlists, id, { since: 2 })
  await playlists.db.$executeRaw`
    WITH edited AS (UPDATE playlist SET revision = 3, name = 'Unheard of' WHERE id = ${id})
    INSERT INTO playlist_op (playlist_id, revision, kind, actor_id, at, ops, details)
    SELECT playlist_id, 3, 'UPDATE', actor_id, at, '[]', details || '{"name": "Unheard of"}'
      FROM playlist_op WHERE playlist_id = ${id} AND revision = 2`

  expect(await take(subscriber, 1)).toMatchObject([{ revision: 3, playlist: { name: 'Unheard of' } }])
  expect(await playlists.itemsOf(id)).toEqual(items)
  await subscriber.leave()
})

test('an edit costs one read of the list, however many follow it, and what is behind reads on by itself', async () => {
  const { id } = await playlists.create(ann, [1], { visibility: 'PUBLIC' })
  const EDITS = 10

  async function readsFor(count: number): Promise<{ reads: number; polls: number }> {
    const { revision } = await playlists.db.playlist.findUniqueOrThrow({ where: { id } })
    const subscribers = await Promise.all(
      range(0, count).map(() => subscribe(playlists, id, { since: revision - 1 })),
    )
    await Promise.all(subscribers.map((subscriber) => take(subscriber, 1)))
    const begun = performance.now()
    const reads = await logReadsOf(async () => {
      for (const n of range(0, EDITS)) {
        await edits.add(ann, id, [n])
        const messages = await Promise.all(subscribers.map((subscriber) => take(subscriber, 1)))
        expect(new Set(messages.map(([message]) => message?.revision))).toEqual(new Set([revision + n + 1]))
      }
    })
    await Promise.all(subscribers.map((subscriber) => subscriber.leave()))
    return { reads, polls: Math.ceil((performance.now() - begun) / 800) }
  }

  for (const count of [1, 200]) {
    const { reads, polls } = await readsFor(count)
    expect(reads).toBeGreaterThanOrEqual(EDITS)
    expect(reads).toBeLessThanOrEqual(EDITS + polls)
  }
})

test('two hundred who resume from one revision share the reads of what they missed', async () => {
  const { id } = await playlists.create(ann, [1], { visibility: 'PUBLIC' })
  for (const n of range(0, 20)) await edits.add(ann, id, [n])

  let messages: ChangeMessage[][] = []
  const reads = await logReadsOf(async () => {
    const subscribers = await Promise.all(range(0, 200).map(() => subscribe(playlists, id, { since: 2 })))
    messages = await Promise.all(subscribers.map((subscriber) => take(subscriber, 20)))
    await Promise.all(subscribers.map((subscriber) => subscriber.leave()))
  })

  for (const own of messages) expect(own.map((message) => message.revision)).toEqual(range(3, 23))
  expect(reads).toBeLessThan(20)
})
