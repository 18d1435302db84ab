import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createTestRoom,
  type Json,
  person,
  type RoomProcess,
  range,
  type TestList,
  type TestRoom,
  trackId,
} from './testing/playlists-room.ts'

const ann = person('ann')
const bob = person('bob')

let playlists: TestRoom
/** Bob's edits come through another process: there it is the row lock that keeps the two apart. */
let elsewhere: RoomProcess

beforeAll(async () => {
  playlists = await createTestRoom()
  elsewhere = await playlists.another()
})
afterAll(() => playlists[Symbol.asyncDispose]())

/** A list of Ann's that Bob edits too. */
async function shared(tracks: readonly number[]): Promise<TestList> {
  const list = await playlists.create(ann, tracks, { collaborative: true })
  await playlists.join(list.id, ann, bob)
  return list
}

function by(person: typeof ann, operation: string, input: Record<string, unknown>): Promise<Json> {
  return (person === ann ? playlists : elsewhere).answer(operation, { input }, person)
}

const add = (who: typeof ann, playlistId: string, tracks: readonly number[], input = {}) =>
  by(who, 'PlaylistAddItems', { playlistId, trackIds: tracks.map(trackId), ...input })
const remove = (who: typeof ann, playlistId: string, itemIds: readonly string[], input = {}) =>
  by(who, 'PlaylistRemoveItems', { playlistId, itemIds, ...input })
const move = (
  who: typeof ann,
  playlistId: string,
  itemIds: readonly string[],
  position: object,
  input = {},
) => by(who, 'PlaylistMoveItems', { playlistId, itemIds, position, ...input })
const update = (who: typeof ann, playlistId: string, input: object) =>
  by(who, 'PlaylistUpdate', { playlistId, ...input })

describe('two at once', () => {
  test('blocks inserted into one gap both stay, each whole, the later one nearer to its anchor', async () => {
    const { id, items } = await shared([1, 2])

    const [first, second] = await Promise.all([
      add(ann, id, [11, 12, 13], { position: { after: items[0] } }),
      add(bob, id, [21, 22, 23], { position: { after: items[0] } }),
    ])

    const isAnnFirst = (first['revision'] ?? 0) < (second['revision'] ?? 0)
    expect(await playlists.tracksOf(id)).toEqual(
      isAnnFirst ? [1, 21, 22, 23, 11, 12, 13, 2] : [1, 11, 12, 13, 21, 22, 23, 2],
    )
    expect([first['revision'], second['revision']].sort()).toEqual([3, 4])
  })

  test('the same item removed twice is a success twice, and one edit', async () => {
    const { id, items } = await shared([1, 2])

    const answers = await Promise.all([remove(ann, id, [items[0] ?? '']), remove(bob, id, [items[0] ?? ''])])

    expect(answers.map((it) => it['alreadyApplied']).sort()).toEqual([false, true])
    expect(answers.map((it) => [it['revision'], it['userErrors']])).toEqual([
      [3, []],
      [3, []],
    ])
    expect(await playlists.tracksOf(id)).toEqual([2])
  })

  test('the later of two moves of one item wins, and there is one of it', async () => {
    const { id, items } = await shared([1, 2, 3])

    const [up, down] = await Promise.all([
      move(ann, id, [items[1] ?? ''], { start: true }),
      move(bob, id, [items[1] ?? ''], { end: true }),
    ])

    const isUpLast = (up['revision'] ?? 0) > (down['revision'] ?? 0)
    expect(await playlists.tracksOf(id)).toEqual(isUpLast ? [2, 1, 3] : [1, 3, 2])
  })

  test('of move and remove, remove wins whichever is first', async () => {
    const { id, items } = await shared([1, 2, 3])

    const [moved] = await Promise.all([
      move(ann, id, [items[1] ?? ''], { end: true }),
      remove(bob, id, [items[1] ?? '']),
    ])

    expect(await playlists.tracksOf(id)).toEqual([1, 3])
    if (moved['revision'] == null) expect(moved['userErrors']?.[0]?.['code']).toBe('ITEM_GONE')
  })

  test('fifty edits of two processes have fifty revisions, none lost', async () => {
    const { id } = await shared([])

    const answers = await Promise.all(range(0, 50).map((n) => add(n % 2 ? ann : bob, id, [n])))

    expect(answers.map((it) => it['revision']).sort((one, other) => Number(one) - Number(other))).toEqual(
      range(2, 52),
    )
    expect((await playlists.tracksOf(id)).sort((one, other) => one - other)).toEqual(range(0, 50))
  })

  test('the same nonce from two requests at once is one edit with one answer', async () => {
    const { id } = await shared([])

    const answers = await Promise.all(range(0, 6).map(() => add(ann, id, [1, 2], { nonce: 'once' })))

    expect(answers.filter((it) => !it['alreadyApplied'])).toHaveLength(1)
    expect(new Set(answers.map((it) => JSON.stringify([it['revision'], it['items']])))).toHaveLength(1)
    expect(await playlists.tracksOf(id)).toEqual([1, 2])
  })
})

describe('after somebody else', () => {
  test('moving a removed item is ITEM_GONE, moves none of the others, and names the neighbours', async () => {
    const { id, items } = await shared([1, 2, 3, 4])
    await remove(bob, id, [items[1] ?? ''])

    const moved = await move(ann, id, [items[3] ?? '', items[1] ?? ''], { start: true })

    expect(moved).toMatchObject({ revision: null, anchorMoved: null })
    expect(moved['userErrors']).toMatchObject([{ code: 'ITEM_GONE', field: ['itemIds', '1'] }])
    expect(moved['userErrors']?.[0]?.['message']).toContain(`between ${items[0]} and ${items[2]}`)
    expect(await playlists.tracksOf(id)).toEqual([1, 3, 4])
  })

  test.each([
    ['after', [1, 3, 9, 4]],
    ['before', [1, 3, 9, 4]],
  ])('an item moved %s a removed anchor stands where that stood', async (side, expected) => {
    const { id, items } = await shared([1, 2, 3, 9, 4])
    await move(ann, id, [items[3] ?? ''], { start: true })
    await remove(bob, id, [items[1] ?? ''])
    await move(bob, id, [items[2] ?? ''], { before: items[1] })

    const moved = await move(ann, id, [items[3] ?? ''], { [side]: items[1] })

    expect(moved).toMatchObject({ anchorMoved: true, userErrors: [] })
    expect(await playlists.tracksOf(id)).toEqual(expected)
  })

  test('tracks added at a removed anchor stand where that stood', async () => {
    const { id, items } = await shared([1, 2, 3])
    await remove(bob, id, [items[1] ?? ''])

    await add(ann, id, [7, 8], { position: { after: items[1] } })
    await add(ann, id, [9], { position: { before: items[1] } })

    expect(await playlists.tracksOf(id)).toEqual([1, 9, 7, 8, 3])
  })

  test('a range moves in the order given, and the stranger inside it stays', async () => {
    const { id, items } = await shared([1, 2, 3, 4, 5])
    await add(bob, id, [99], { position: { after: items[2] } })

    await move(ann, id, items.slice(1, 4), { end: true })

    expect(await playlists.tracksOf(id)).toEqual([1, 99, 5, 2, 3, 4])
  })

  test('an item may be its own anchor: the block gathers where it stood', async () => {
    const { id, items } = await shared([1, 2, 3, 4])

    await move(ann, id, [items[3] ?? '', items[1] ?? ''], { after: items[1] })

    expect(await playlists.tracksOf(id)).toEqual([1, 4, 2, 3])
  })

  test('a stale base is rebased, and a CONFLICT where the revision is required', async () => {
    const { id, items } = await shared([1, 2])
    await add(bob, id, [3])

    const required = { baseRevision: 2, requireRevision: true }
    const refused = await remove(ann, id, [items[0] ?? ''], required)
    const rebased = await move(ann, id, [items[0] ?? ''], { end: true }, { baseRevision: 2 })
    const current = await add(ann, id, [4], { baseRevision: 4, requireRevision: true })
    const baseless = await add(ann, id, [5], { requireRevision: true })

    expect(refused['userErrors']).toMatchObject([{ code: 'CONFLICT', field: ['baseRevision'] }])
    expect([rebased['revision'], current['revision']]).toEqual([4, 5])
    expect(baseless['userErrors']).toMatchObject([{ code: 'BAD_USER_INPUT' }])
    expect(await playlists.tracksOf(id)).toEqual([2, 3, 1, 4])
  })

  test('a rename over a rename one has not seen is a CONFLICT with both names; other fields are not in its way', async () => {
    const { id } = await shared([])
    await update(ann, id, { name: 'Hers', baseRevision: 1 })
    await add(bob, id, [1])

    const stale = await update(ann, id, { name: 'Mine', baseRevision: 1 })
    const other = await update(ann, id, { description: 'Mine', baseRevision: 1 })
    const same = await update(ann, id, { name: 'Hers', baseRevision: 1 })
    const blind = await update(ann, id, { name: 'Last' })

    expect(stale['userErrors']).toMatchObject([
      { code: 'CONFLICT', field: ['name'], message: 'Meanwhile name is "Hers"; yours was "Mine"' },
    ])
    expect(other['playlist']).toMatchObject({ name: 'Hers', revision: 4 })
    expect(same['playlist']).toMatchObject({ name: 'Hers', revision: 4 })
    expect(blind['playlist']).toMatchObject({ name: 'Last', revision: 5 })
  })
})

describe('doubles', () => {
  const tracks = [1, 2, 3, 3, 1]

  test('ALLOW, the default, adds them', async () => {
    const { id } = await shared([1])

    await add(ann, id, tracks)

    expect(await playlists.tracksOf(id)).toEqual([1, 1, 2, 3, 3, 1])
  })

  test('SKIP adds what is new, once, and says what it left out', async () => {
    const { id } = await shared([1])

    const added = await add(ann, id, tracks, { onDuplicate: 'SKIP' })

    expect(added['skipped']).toEqual([1, 3, 1].map((n) => ({ trackId: trackId(n), reason: 'DUPLICATE' })))
    expect(await playlists.tracksOf(id)).toEqual([1, 2, 3])
  })

  test('FAIL adds nothing and names the first of them', async () => {
    const { id } = await shared([2])

    const added = await add(ann, id, tracks, { onDuplicate: 'FAIL' })

    expect(added).toMatchObject({ revision: null, items: [], skipped: [] })
    expect(added['userErrors']).toMatchObject([{ code: 'DUPLICATE', field: ['trackIds', '1'] }])
    expect(await playlists.tracksOf(id)).toEqual([2])
  })

  test('a removed item is no double', async () => {
    const { id, items } = await shared([1])
    await remove(bob, id, items)

    const added = await add(ann, id, [1], { onDuplicate: 'FAIL' })

    expect(added['userErrors']).toEqual([])
  })

  test('a track nobody knows is skipped, and an edit that has nothing left makes no revision', async () => {
    const { id } = await shared([1])
    const unknown = 'track_nobodyKnowsThisTrack00'

    const some = await by(ann, 'PlaylistAddItems', { playlistId: id, trackIds: [unknown, trackId(2)] })
    const none = await by(ann, 'PlaylistAddItems', { playlistId: id, trackIds: [unknown] })

    expect(some).toMatchObject({ revision: 3, skipped: [{ trackId: unknown, reason: 'NOT_FOUND' }] })
    expect(none).toMatchObject({ revision: 3, items: [], alreadyApplied: false, userErrors: [] })
  })
})

describe('nonces', () => {
  test('sent again, an edit is not made again and has its first answer, whatever the revision it has seen', async () => {
    const { id, items } = await shared([1, 2])
    const first = await add(ann, id, [3], { nonce: 'a', onDuplicate: 'SKIP' })
    await move(ann, id, [items[0] ?? ''], { end: true }, { nonce: 'b' })
    await remove(bob, id, [items[1] ?? ''])

    const again = await add(ann, id, [3], { nonce: 'a', onDuplicate: 'SKIP', baseRevision: 5 })
    const moved = await move(ann, id, [items[0] ?? ''], { end: true }, { nonce: 'b' })

    expect(again).toMatchObject({ revision: first['revision'], items: first['items'], alreadyApplied: true })
    expect(again['items']).toHaveLength(1)
    expect(moved).toMatchObject({ revision: 4, userErrors: [] })
    expect(await playlists.tracksOf(id)).toEqual([3, 1])
  })

  test('sent again with other content, it is NONCE_REUSED', async () => {
    const { id, items } = await shared([1])
    await add(ann, id, [2], { nonce: 'a' })

    const others = [
      await add(ann, id, [3], { nonce: 'a' }),
      await add(ann, id, [2], { nonce: 'a', position: { start: true } }),
      await remove(ann, id, items, { nonce: 'a' }),
      await update(ann, id, { name: 'x', nonce: 'a' }),
    ]

    for (const other of others)
      expect(other['userErrors']).toMatchObject([{ code: 'NONCE_REUSED', field: ['nonce'] }])
    expect(await playlists.tracksOf(id)).toEqual([1, 2])
  })

  test('one person’s nonce is not another’s, nor that of another list', async () => {
    const one = await shared([])
    const other = await shared([])

    const answers = [
      await add(ann, one.id, [1], { nonce: 'a' }),
      await add(bob, one.id, [1], { nonce: 'a' }),
      await add(ann, other.id, [1], { nonce: 'a' }),
    ]

    expect(answers.map((it) => it['alreadyApplied'])).toEqual([false, false, false])
  })

  test('an edit that found nothing to do is remembered as well', async () => {
    const { id, items } = await shared([1])
    await add(ann, id, [1], { nonce: 'a', onDuplicate: 'SKIP' })
    await remove(bob, id, items)

    const again = await add(ann, id, [1], { nonce: 'a', onDuplicate: 'SKIP' })

    expect(again).toMatchObject({ revision: 2, items: [], alreadyApplied: true })
    expect(again['skipped']).toHaveLength(1)
    expect(await playlists.tracksOf(id)).toEqual([])
  })

  test('a refusal is not: the same nonce may succeed later', async () => {
    const { id } = await shared([1])
    const required = { nonce: 'a', requireRevision: true }

    const refused = await add(ann, id, [2], { ...required, baseRevision: 1 })
    const accepted = await add(ann, id, [2], { ...required, baseRevision: 2 })

    expect(refused['userErrors']).toMatchObject([{ code: 'CONFLICT' }])
    expect(accepted).toMatchObject({ revision: 3, alreadyApplied: false })
  })

  test('makes one playlist, however often and however many ask', async () => {
    const create = (input: object) => by(ann, 'PlaylistCreate', { name: 'Once', nonce: 'new', ...input })

    const made = await Promise.all(range(0, 5).map(() => create({})))
    const other = await create({ name: 'Twice' })
    const bobs = await by(bob, 'PlaylistCreate', { name: 'Once', nonce: 'new' })

    expect(new Set(made.map((it) => it['playlist']?.['id']))).toHaveLength(1)
    expect(other['userErrors']).toMatchObject([{ code: 'NONCE_REUSED' }])
    expect(bobs['playlist']?.['id']).not.toBe(made[0]?.['playlist']?.['id'])
  })
})
