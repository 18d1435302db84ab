import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Identity } from '#shared/identity.ts'
import { ann, bob, codeOf } from '../testing/edits.ts'
import {
  createTestRoom,
  type Json,
  NOBODY,
  person,
  type RoomProcess,
  range,
  type TestRoom,
} from '../testing/playlists-room.ts'

const PRESENCE = `subscription ($id: ID!) { playlistPresence(id: $id) { viewers { user { id } itemId activity } } }`
const eve = person('eve')

let playlists: TestRoom
let elsewhere: RoomProcess

beforeAll(async () => {
  playlists = await createTestRoom()
  elsewhere = await playlists.another()
})
afterAll(() => playlists[Symbol.asyncDispose]())

interface Listener extends AsyncDisposable {
  next(): Promise<unknown[] | null>
  /** Reads on until what is told satisfies. */
  until(is: (viewers: unknown[]) => boolean): Promise<unknown[]>
}

async function listen({ room }: RoomProcess, id: string, identity: Identity): Promise<Listener> {
  const stream = await room.subscribe({ query: PRESENCE, variables: { id }, identity })
  if (!(Symbol.asyncIterator in stream)) throw new Error(stream.errors?.[0]?.extensions?.['code'] as string)
  const next = async (): Promise<unknown[] | null> => {
    const step = await stream.next()
    if (step.done === true) return null
    const presence = step.value.data?.['playlistPresence'] as { viewers: Json[] } | undefined
    return (presence?.viewers ?? []).map((viewer) => [
      viewer['user']?.['id'],
      viewer['activity'],
      viewer['itemId'],
    ])
  }
  return {
    next,
    async until(is) {
      for (;;) {
        const viewers = await next()
        if (viewers === null) throw new Error('The stream ended')
        if (is(viewers)) return viewers
      }
    },
    async [Symbol.asyncDispose]() {
      await stream.return?.()
    },
  }
}

const set = (room: RoomProcess, who: Identity, playlistId: string, input: object = {}) =>
  room.answer('PresenceSet', { input: { playlistId, activity: 'VIEWING', ...input } }, who)
const viewing = (who: Identity): unknown[] => [who.userId, 'VIEWING', null]

test('who listens is here, and what they do is seen in every process', async () => {
  const { id, items } = await playlists.create(ann, [1, 2], { collaborative: true })
  await playlists.join(id, ann, bob)
  await using anns = await listen(playlists, id, ann)
  expect(await anns.next()).toEqual([viewing(ann)])

  await using bobs = await listen(elsewhere, id, bob)
  const both = [viewing(ann), viewing(bob)].sort()
  expect((await anns.until((it) => it.length === 2)).toSorted()).toEqual(both)
  expect((await bobs.until((it) => it.length === 2)).toSorted()).toEqual(both)

  expect(await set(playlists, bob, id, { itemId: items[1], activity: 'DRAGGING' })).toEqual({
    userErrors: [],
  })
  const dragging = [[bob.userId, 'DRAGGING', items[1]], viewing(ann)]
  expect(await anns.until((it) => JSON.stringify(it).includes('DRAGGING'))).toEqual(dragging)
  expect(await bobs.until((it) => JSON.stringify(it).includes('DRAGGING'))).toEqual(dragging)
})

test('whoever only looks on, without a token, is nobody', async () => {
  const { id } = await playlists.create(ann, [], { visibility: 'PUBLIC' })
  await using visitor = await listen(playlists, id, NOBODY)
  expect(await visitor.next()).toEqual([])

  await using anns = await listen(elsewhere, id, ann)
  expect(await anns.next()).toEqual([viewing(ann)])
  expect(await visitor.until((it) => it.length > 0)).toEqual([viewing(ann)])
})

test('nobody hears anything of a list they may not see, nor sets anything in it', async () => {
  const { id, items } = await playlists.create(ann, [1])
  await using anns = await listen(playlists, id, ann)
  await anns.next()
  const missing = 'playlist_0000000000000000000000'

  for (const unseen of [id, missing, 'playlist', '\u0000']) {
    await expect(listen(playlists, unseen, eve)).rejects.toThrow('NOT_FOUND')
    await expect(listen(playlists, unseen, NOBODY)).rejects.toThrow('UNAUTHENTICATED')
    for (const itemId of [null, items[0]])
      expect((await set(elsewhere, eve, unseen, { itemId }))['userErrors']).toMatchObject([
        { code: 'NOT_FOUND', message: 'There is no such playlist' },
      ])
  }
  const anonymous = await playlists.ask('PresenceSet', { input: { playlistId: id, activity: 'VIEWING' } })
  expect(anonymous.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED')
})

test('who loses the right hears that nobody is there, and no more; the others see them no longer', async () => {
  const { id } = await playlists.create(ann, [], { collaborative: true })
  await playlists.join(id, ann, bob)
  await using anns = await listen(playlists, id, ann)
  await using bobs = await listen(elsewhere, id, bob)
  await anns.until((it) => it.length === 2)
  await bobs.until((it) => it.length === 2)

  const begun = performance.now()
  const remove = `mutation ($id: ID!, $userId: ID!) {
    playlistCollaboratorRemove(input: { playlistId: $id, userId: $userId }) { userErrors { code } }
  }`
  await playlists.answer(remove, { id, userId: bob.userId }, ann)

  expect(await bobs.next()).toEqual([])
  expect(performance.now() - begun).toBeLessThan(1_000)
  expect(await bobs.next()).toBeNull()
  expect(await anns.until((it) => it.length === 1)).toEqual([viewing(ann)])
})

test('with the list its presence ends', async () => {
  const { id } = await playlists.create(ann, [])
  await using anns = await listen(playlists, id, ann)
  await anns.next()

  await playlists.answer('PlaylistDelete', { id }, ann)

  expect(await anns.next()).toEqual([])
  expect(await anns.next()).toBeNull()
})

test('an item is one of the list, or the refusal says so', async () => {
  const { id, items } = await playlists.create(ann, [1])
  const other = await playlists.create(ann, [1])
  await playlists.answer(
    'PlaylistRemoveItems',
    { input: { playlistId: other.id, itemIds: other.items } },
    ann,
  )
  const unknown = [other.items[0], 'item', '\u0000', `item_${'0'.repeat(22)}`]

  expect(codeOf(await set(playlists, ann, id, { itemId: items[0] }))).toBeNull()
  for (const itemId of unknown)
    expect(codeOf(await set(playlists, ann, id, { itemId, activity: 'SELECTING' }))).toBe('NOT_FOUND')
})

test('a person sets presence 20 times a second, whatever the list; others are not in their way', async () => {
  const { id } = await playlists.create(ann, [], { visibility: 'PUBLIC' })
  const { id: other } = await playlists.create(ann, [], { visibility: 'PUBLIC' })
  const max = person('max')
  const second = Math.floor(Date.now() / 1_000)
  while (Math.floor(Date.now() / 1_000) === second) await new Promise((resolve) => setTimeout(resolve, 5))

  const answers = await Promise.all(range(0, 24).map((n) => set(playlists, max, n % 2 ? id : other)))

  expect(answers.filter((it) => codeOf(it) === 'LIMIT_REACHED')).toHaveLength(4)
  expect(codeOf(await set(playlists, bob, id))).toBeNull()
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  expect(codeOf(await set(playlists, max, id))).toBeNull()
})

test('a stream tells of changes at most four times a second, and the last of them', async () => {
  const { id, items } = await playlists.create(ann, range(0, 15))
  await using anns = await listen(playlists, id, ann)
  await anns.next()
  const told: unknown[][] = []
  const reading = anns.until((it) => {
    told.push(it)
    return JSON.stringify(it).includes(items[14] ?? '')
  })

  const begun = performance.now()
  for (const itemId of items) {
    await set(playlists, ann, id, { itemId, activity: 'DRAGGING' })
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
  await reading

  expect(told.length).toBeLessThanOrEqual((performance.now() - begun) / 250 + 2)
})

test('streams that are left leave nothing behind, once nobody is there any more', async () => {
  const lists = await Promise.all(
    range(0, 5).map((n) => playlists.create(ann, [n], { visibility: 'PUBLIC' })),
  )
  const before = [playlists.room.topic.size(), playlists.room.watchers()]
  const streams = await Promise.all(
    range(0, 50).map((n) => listen(playlists, lists[n % 5]?.id ?? '', n % 2 ? NOBODY : person(`guest ${n}`))),
  )
  const waiting = streams.map((stream) => stream.until(() => false).catch(() => null))
  await new Promise((resolve) => setTimeout(resolve, 50))

  await Promise.all(streams.map((stream) => stream[Symbol.asyncDispose]()))

  expect(await Promise.all(waiting)).toEqual(Array(50).fill(null))
  expect(playlists.room.watchers()).toBe(before[1])
  await expect.poll(() => playlists.room.topic.size(), { timeout: 8_000 }).toBeLessThanOrEqual(before[0] ?? 0)
})
