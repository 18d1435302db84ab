import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ann, bob, createEdits, type Edits } from '../testing/edits.ts'
import {
  createTestRoom,
  type Json,
  person,
  range,
  type TestList,
  type TestRoom,
  trackId,
} from '../testing/playlists-room.ts'
import { type ChangeMessage, createView, type Subscriber, subscribe } from '../testing/view.ts'

const KEPT = 100

let playlists: TestRoom
let edits: Edits

beforeAll(async () => {
  playlists = await createTestRoom(KEPT)
  edits = createEdits(playlists, await playlists.another())
})
afterAll(() => playlists[Symbol.asyncDispose]())

const details = async (id: string) => {
  const { name, description, visibility, collaborative, revision, itemCount } =
    await playlists.db.playlist.findUniqueOrThrow({ where: { id } })
  return { name, description, visibility, collaborative, revision, itemCount }
}

/** Follows a list as a client does, so that what is said of it can be compared with what it is. */
async function following(
  id: string,
): Promise<{ upTo(revision: number): Promise<string[]> } & AsyncDisposable> {
  const subscriber: Subscriber = await subscribe(playlists, id, { identity: ann })
  const view = createView()
  return {
    async upTo(revision) {
      while (view.revision < revision) view.apply((await subscriber.next()) as ChangeMessage)
      return view.items
    },
    [Symbol.asyncDispose]: () => subscriber.leave(),
  }
}

describe('taking back', () => {
  type Doing = (list: TestList) => Promise<Json>
  const DOINGS: [string, Doing][] = [
    ['an addition', ({ id, items }) => edits.add(ann, id, [7, 8], { position: { after: items[1] } })],
    ['a removal', ({ id, items }) => edits.remove(ann, id, [items[4], items[0], items[1], items[3]])],
    ['a move', ({ id, items }) => edits.move(ann, id, [items[4], items[0], items[2]], { after: items[1] })],
    ['a move to where it stood', ({ id, items }) => edits.move(ann, id, [items[2]], { after: items[2] })],
    ['a change of details', ({ id }) => edits.update(ann, id, { name: 'Other', description: 'New' })],
  ]

  test.each(DOINGS)('%s restores the list, and taking that back does it again', async (_, act) => {
    const list = await edits.shared([1, 2, 3, 4, 5])
    await using view = await following(list.id)
    const before = [await playlists.itemsOf(list.id), await details(list.id)] as const
    await act(list)
    const after = [await playlists.itemsOf(list.id), await details(list.id)] as const

    const undone = await edits.undo(ann, list.id, 3)
    expect(undone).toEqual({ revision: 4, alreadyApplied: false, userErrors: [] })
    expect(await playlists.itemsOf(list.id)).toEqual(before[0])
    expect(await details(list.id)).toEqual({ ...before[1], revision: 4 })
    expect(await view.upTo(4)).toEqual(before[0])

    expect(await edits.undo(ann, list.id, 4)).toMatchObject({ revision: 5, userErrors: [] })
    expect(await playlists.itemsOf(list.id)).toEqual(after[0])
    expect(await details(list.id)).toEqual({ ...after[1], revision: 5 })
    expect(await view.upTo(5)).toEqual(after[0])
    expect(await edits.undo(ann, list.id, 5)).toMatchObject({ revision: 6, userErrors: [] })
    expect(await playlists.itemsOf(list.id)).toEqual(before[0])
    expect(await view.upTo(6)).toEqual(before[0])
  })

  test('whatever was done to a list, the edits taken back one by one from the last bring it back', async () => {
    const seed = Date.now() % 1_000_000_007
    const step = fc.record({
      kind: fc.constantFrom('ADD', 'REMOVE', 'MOVE', 'MOVE'),
      chosen: fc.uniqueArray(fc.nat(11), { minLength: 1, maxLength: 5 }),
      anchor: fc.nat(11),
      side: fc.constantFrom('before', 'after'),
    })
    const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      const { id, items } = await edits.shared(range(0, 12))
      await using view = await following(id)
      const states = [items]
      for (const { kind, chosen, anchor, side } of steps) {
        const itemIds = chosen.map((n) => items[n])
        const position = { [side]: items[anchor] }
        if (kind === 'ADD') await edits.add(ann, id, chosen, { position })
        else if (kind === 'REMOVE') await edits.remove(ann, id, itemIds)
        else await edits.move(ann, id, itemIds, position)
        const { revision } = await details(id)
        if (revision - 2 === states.length) states.push(await playlists.itemsOf(id))
      }

      for (let last = states.length - 1; last > 0; last--) {
        expect((await edits.undo(ann, id, last + 2))['userErrors']).toEqual([])
        expect(await playlists.itemsOf(id)).toEqual(states[last - 1])
      }
      const { revision, itemCount } = await details(id)
      expect(itemCount).toBe(items.length)
      expect(await view.upTo(revision)).toEqual(items)
    })
    await fc.assert(property, { seed, numRuns: 40, endOnFailure: true, interruptAfterTimeLimit: 8_000 })
    process.stdout.write(`undo: seed ${seed}\n`)
  }, 60_000)

  test('what came back is as it was: the same ids, times and people, also in what subscribers hear', async () => {
    const { id, items } = await edits.shared([1, 2])
    const [before] = await playlists.db.playlistItem.findMany({ where: { id: items[0] ?? '' } })
    await edits.remove(bob, id, [items[0]])
    await edits.undo(bob, id, 3)

    const [after] = await playlists.db.playlistItem.findMany({ where: { id: items[0] ?? '' } })
    const query = `subscription ($id: ID!) { playlistChanged(id: $id, sinceRevision: 3) {
      actor { id } ops { ... on ItemsAdded { after items { id addedAt addedBy { id } track { id } } } }
    } }`
    const stream = await playlists.room.subscribe({ query, variables: { id }, identity: ann })
    if (!(Symbol.asyncIterator in stream)) throw new Error('refused')
    const { value } = await stream.next()
    await stream.return?.()

    expect(after).toEqual(before)
    expect(value.data.playlistChanged).toEqual({
      actor: { id: bob.userId },
      ops: [
        {
          after: null,
          items: [
            {
              id: items[0],
              addedAt: before?.addedAt.toISOString(),
              addedBy: { id: ann.userId },
              track: { id: trackId(1) },
            },
          ],
        },
      ],
    })
  })

  test('the places of what was moved or removed hold while ranks are given anew', async () => {
    const { id, items } = await edits.shared(range(0, 30))
    await edits.move(ann, id, [items[10], items[20]], { end: true })
    await edits.remove(ann, id, [items[15]])
    for (const n of range(0, 60))
      await edits.add(bob, id, range(n, n + 20), { position: { after: items[9] } })
    const { rankEpoch } = await playlists.db.playlist.findUniqueOrThrow({ where: { id } })

    expect(await edits.undo(ann, id, 3)).toMatchObject({ userErrors: [] })
    expect(await edits.undo(ann, id, 4)).toMatchObject({ userErrors: [] })

    expect(rankEpoch).toBeGreaterThan(0)
    const now = await playlists.itemsOf(id)
    expect(now.filter((item) => items.includes(item))).toEqual(items)
    for (const at of [10, 15, 20])
      expect(now.indexOf(items[at + 1] ?? '') - now.indexOf(items[at] ?? '')).toBe(1)
  }, 60_000)
})

describe('beside what others did since', () => {
  test('it takes back its own and nothing else', async () => {
    const { id, items } = await edits.shared([1, 2, 3, 4])
    await edits.move(ann, id, [items[0]], { end: true })
    await edits.add(bob, id, [9], { position: { start: true } })
    await edits.move(bob, id, [items[3]], { start: true })

    await edits.undo(ann, id, 3)

    expect(await playlists.tracksOf(id)).toEqual([4, 9, 1, 2, 3])
  })

  test('of an addition those go that are still there; when none is, nothing happens', async () => {
    const { id, items } = await edits.shared([1, 2, 3])
    await edits.remove(bob, id, [items[0]])
    await edits.move(bob, id, [items[2]], { start: true })

    expect(await edits.undo(ann, id, 2)).toMatchObject({ revision: 5, alreadyApplied: false })
    expect(await playlists.tracksOf(id)).toEqual([])

    const added = await edits.add(ann, id, [7])
    await edits.remove(bob, id, [added['items']?.[0]?.['id']])
    const none = await edits.undo(ann, id, added['revision'])
    expect(none).toEqual({ revision: 7, alreadyApplied: true, userErrors: [] })
  })

  test('what somebody has moved on stays, until they take that back: CONFLICT', async () => {
    const { id, items } = await edits.shared([1, 2, 3])
    await edits.move(ann, id, [items[0], items[1]], { end: true })
    await edits.move(bob, id, [items[1]], { start: true })

    const refused = await edits.undo(ann, id, 3)
    expect(refused['userErrors']).toMatchObject([{ code: 'CONFLICT', field: ['revision'] }])
    expect(await playlists.tracksOf(id)).toEqual([2, 3, 1])

    await edits.undo(bob, id, 4)
    expect(await edits.undo(ann, id, 3)).toMatchObject({ revision: 6, userErrors: [] })
    expect(await playlists.tracksOf(id)).toEqual([1, 2, 3])
  })

  test('what somebody has removed does not move back: ITEM_GONE, until they take that back', async () => {
    const { id, items } = await edits.shared([1, 2, 3])
    await edits.move(ann, id, [items[0], items[1]], { end: true })
    await edits.remove(bob, id, [items[1]])

    const refused = await edits.undo(ann, id, 3)
    expect(refused['userErrors']).toMatchObject([{ code: 'ITEM_GONE', field: ['revision'] }])
    await edits.undo(bob, id, 4)
    expect(await edits.undo(ann, id, 3)).toMatchObject({ userErrors: [] })
    expect(await playlists.tracksOf(id)).toEqual([1, 2, 3])
  })

  test('a name that has become another is a CONFLICT with both; what else has changed is not in its way', async () => {
    const { id } = await edits.shared([])
    await edits.update(ann, id, { name: 'Mine', description: 'Old' })
    await edits.update(ann, id, { description: 'New' })
    await edits.update(ann, id, { name: 'Theirs' })

    const refused = await edits.undo(ann, id, 2)
    expect(refused['userErrors']).toMatchObject([
      { code: 'CONFLICT', message: 'Meanwhile name is "Theirs"; yours was "Road trip"' },
    ])
    expect(await edits.undo(ann, id, 4)).toMatchObject({ userErrors: [] })
    expect(await edits.undo(ann, id, 3)).toMatchObject({ userErrors: [] })
    expect(await edits.undo(ann, id, 2)).toMatchObject({ userErrors: [] })
    expect(await details(id)).toMatchObject({ name: 'Road trip', description: null, revision: 7 })
  })
})

describe('is refused', () => {
  const refusal = async (...args: Parameters<Edits['undo']>): Promise<unknown> => {
    const { revision, alreadyApplied, userErrors } = await edits.undo(...args)
    expect([revision, alreadyApplied]).toEqual([null, null])
    return [userErrors?.[0]?.['code'], userErrors?.[0]?.['field']]
  }

  test('for another’s edit, the creation, and what is no revision', async () => {
    const { id } = await edits.shared([1])
    await edits.add(bob, id, [2])

    expect(await refusal(ann, id, 3)).toEqual(['FORBIDDEN', ['revision']])
    expect(await refusal(bob, id, 2)).toEqual(['FORBIDDEN', ['revision']])
    expect(await refusal(ann, id, 1)).toEqual(['BAD_USER_INPUT', ['revision']])
    for (const revision of [4, 0, -1, -(2 ** 31), 2 ** 31 - 1])
      expect(await refusal(ann, id, revision)).toEqual(['NOT_FOUND', ['revision']])
    expect(await playlists.tracksOf(id)).toEqual([1, 2])
  })

  test('the second time, whoever asks at once', async () => {
    const { id } = await edits.shared([1])

    const answers = await Promise.all(range(0, 4).map(() => edits.undo(ann, id, 2)))

    const codes = answers.map((it) => it['userErrors']?.[0]?.['code'] ?? null)
    expect(codes.sort()).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT', null])
    expect((await details(id)).revision).toBe(3)
  })

  test('but not under its nonce, which has its first answer again', async () => {
    const { id } = await edits.shared([1])
    const first = await edits.undo(ann, id, 2, { nonce: 'u' })

    expect(first).toMatchObject({ revision: 3, alreadyApplied: false })
    expect(await edits.undo(ann, id, 2, { nonce: 'u' })).toMatchObject({ revision: 3, alreadyApplied: true })
    expect(await refusal(ann, id, 3, { nonce: 'u' })).toEqual(['NONCE_REUSED', ['nonce']])
  })

  test('to who may no longer edit, and to strangers as if there were no list', async () => {
    const { id, items } = await edits.shared([1])
    await edits.remove(bob, id, items)
    await edits.update(ann, id, { collaborative: false })

    expect(await refusal(bob, id, 3)).toEqual(['FORBIDDEN', ['playlistId']])
    expect(await refusal(person('eve'), id, 3)).toEqual(['NOT_FOUND', ['playlistId']])
    const anonymous = await playlists.ask(
      'mutation ($id: ID!) { playlistUndo(input: { playlistId: $id, revision: 2 }) { revision } }',
      { id },
    )
    expect(anonymous.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED')
  })

  test('when the list would be too long: 10,000 items and no more', async () => {
    const { id, items } = await edits.shared([1, 2])
    await edits.remove(ann, id, items)
    const fill = (count: number) =>
      playlists.db.playlist.update({ where: { id }, data: { itemCount: count } })

    await fill(9_999)
    expect(await refusal(ann, id, 3)).toEqual(['LIMIT_REACHED', ['revision']])
    await fill(9_998)
    expect(await edits.undo(ann, id, 3)).toMatchObject({ revision: 4, userErrors: [] })
  })

  test('beyond history', async () => {
    const { id, items } = await edits.shared([1, 2])
    await edits.move(ann, id, [items[0]], { end: true })
    await edits.update(ann, id, { name: 'first' })
    for (const n of range(0, KEPT + 10)) await edits.update(ann, id, { name: `name ${n}` })
    await expect
      .poll(() => playlists.db.playlistOp.findFirst({ where: { playlistId: id, revision: { lte: 4 } } }))
      .toBeNull()

    for (const revision of [2, 3, 4])
      expect(await refusal(ann, id, revision)).toEqual(['NOT_FOUND', ['revision']])
    expect(await playlists.db.playlistItem.count({ where: { playlistId: id, leftBy: { not: null } } })).toBe(
      0,
    )
    const { revision } = await details(id)
    expect(await edits.undo(ann, id, revision)).toMatchObject({ userErrors: [] })
  }, 60_000)
})
