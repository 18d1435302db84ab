import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ann, bob, createEdits, type Edits } from './testing/edits.ts'
import { createTestRoom, range, type TestRoom } from './testing/playlists-room.ts'

let playlists: TestRoom
let edits: Edits

beforeAll(async () => {
  playlists = await createTestRoom()
  // Bob's edits come through another process: there it is the row lock that keeps the two apart.
  edits = createEdits(playlists, await playlists.another())
})
afterAll(() => playlists[Symbol.asyncDispose]())

describe('two at once', () => {
  test('blocks inserted into one gap both stay, each whole, the later one nearer to its anchor', async () => {
    const { id, items } = await edits.shared([1, 2])

    const [first, second] = await Promise.all([
      edits.add(ann, id, [11, 12, 13], { position: { after: items[0] } }),
      edits.add(bob, id, [21, 22, 23], { position: { after: items[0] } }),
    ])

    const isAnnFirst = (first['revision'] ?? 0) < (second['revision'] ?? 0)
    expect(await playlists.tracksOf(id)).toEqual(
      isAnnFirst ? [1, 21, 22, 23, 11, 12, 13, 2] : [1, 11, 12, 13, 21, 22, 23, 2],
    )
    expect([first['revision'], second['revision']].sort()).toEqual([3, 4])
  })

  test('the same item removed twice is a success twice, and one edit', async () => {
    const { id, items } = await edits.shared([1, 2])

    const answers = await Promise.all([edits.remove(ann, id, [items[0]]), edits.remove(bob, id, [items[0]])])

    expect(answers.map((it) => it['alreadyApplied']).sort()).toEqual([false, true])
    expect(answers.map((it) => [it['revision'], it['userErrors']])).toEqual([
      [3, []],
      [3, []],
    ])
    expect(await playlists.tracksOf(id)).toEqual([2])
  })

  test('the later of two moves of one item wins, and there is one of it', async () => {
    const { id, items } = await edits.shared([1, 2, 3])

    const [up, down] = await Promise.all([
      edits.move(ann, id, [items[1]], { start: true }),
      edits.move(bob, id, [items[1]], { end: true }),
    ])

    const isUpLast = (up['revision'] ?? 0) > (down['revision'] ?? 0)
    expect(await playlists.tracksOf(id)).toEqual(isUpLast ? [2, 1, 3] : [1, 3, 2])
  })

  test('of move and remove, remove wins whichever is first', async () => {
    const { id, items } = await edits.shared([1, 2, 3])

    const [moved] = await Promise.all([
      edits.move(ann, id, [items[1]], { end: true }),
      edits.remove(bob, id, [items[1]]),
    ])

    expect(await playlists.tracksOf(id)).toEqual([1, 3])
    if (moved['revision'] == null) expect(moved['userErrors']?.[0]?.['code']).toBe('ITEM_GONE')
  })

  test('fifty edits of two processes have fifty revisions, none lost', async () => {
    const { id } = await edits.shared([])

    const answers = await Promise.all(range(0, 50).map((n) => edits.add(n % 2 ? ann : bob, id, [n])))

    expect(answers.map((it) => it['revision']).sort((one, other) => Number(one) - Number(other))).toEqual(
      range(2, 52),
    )
    expect((await playlists.tracksOf(id)).sort((one, other) => one - other)).toEqual(range(0, 50))
  })

  test('the same nonce from two requests at once is one edit with one answer', async () => {
    const { id } = await edits.shared([])

    const answers = await Promise.all(range(0, 6).map(() => edits.add(ann, id, [1, 2], { nonce: 'once' })))

    expect(answers.filter((it) => !it['alreadyApplied'])).toHaveLength(1)
    expect(new Set(answers.map((it) => JSON.stringify([it['revision'], it['items']])))).toHaveLength(1)
    expect(await playlists.tracksOf(id)).toEqual([1, 2])
  })
})

describe('after somebody else', () => {
  test('moving a removed item is ITEM_GONE, moves none of the others, and names the neighbours', async () => {
    const { id, items } = await edits.shared([1, 2, 3, 4])
    await edits.remove(bob, id, [items[1]])

    const moved = await edits.move(ann, id, [items[3], items[1]], { start: true })

    expect(moved).toMatchObject({ revision: null, anchorMoved: null })
    expect(moved['userErrors']).toMatchObject([{ code: 'ITEM_GONE', field: ['itemIds', '1'] }])
    expect(moved['userErrors']?.[0]?.['message']).toContain(`between ${items[0]} and ${items[2]}`)
    expect(await playlists.tracksOf(id)).toEqual([1, 3, 4])
  })

  test.each([
    ['after', [1, 3, 9, 4]],
    ['before', [1, 3, 9, 4]],
  ])('an item moved %s a removed anchor stands where that stood', async (side, expected) => {
    const { id, items } = await edits.shared([1, 2, 3, 9, 4])
    await edits.move(ann, id, [items[3]], { start: true })
    await edits.remove(bob, id, [items[1]])
    await edits.move(bob, id, [items[2]], { before: items[1] })

    const moved = await edits.move(ann, id, [items[3]], { [side]: items[1] })

    expect(moved).toMatchObject({ anchorMoved: true, userErrors: [] })
    expect(await playlists.tracksOf(id)).toEqual(expected)
  })

  test('tracks added at a removed anchor stand where that stood', async () => {
    const { id, items } = await edits.shared([1, 2, 3])
    await edits.remove(bob, id, [items[1]])

    await edits.add(ann, id, [7, 8], { position: { after: items[1] } })
    await edits.add(ann, id, [9], { position: { before: items[1] } })

    expect(await playlists.tracksOf(id)).toEqual([1, 9, 7, 8, 3])
  })

  test('a range moves in the order given, and the stranger inside it stays', async () => {
    const { id, items } = await edits.shared([1, 2, 3, 4, 5])
    await edits.add(bob, id, [99], { position: { after: items[2] } })

    await edits.move(ann, id, items.slice(1, 4), { end: true })

    expect(await playlists.tracksOf(id)).toEqual([1, 99, 5, 2, 3, 4])
  })

  test('an item may be its own anchor: the block gathers where it stood', async () => {
    const { id, items } = await edits.shared([1, 2, 3, 4])

    await edits.move(ann, id, [items[3], items[1]], { after: items[1] })

    expect(await playlists.tracksOf(id)).toEqual([1, 4, 2, 3])
  })

  test('a stale base is rebased, and a CONFLICT where the revision is required', async () => {
    const { id, items } = await edits.shared([1, 2])
    await edits.add(bob, id, [3])

    const required = { baseRevision: 2, requireRevision: true }
    const refused = await edits.remove(ann, id, [items[0]], required)
    const rebased = await edits.move(ann, id, [items[0]], { end: true }, { baseRevision: 2 })
    const current = await edits.add(ann, id, [4], { baseRevision: 4, requireRevision: true })
    const baseless = await edits.add(ann, id, [5], { requireRevision: true })

    expect(refused['userErrors']).toMatchObject([{ code: 'CONFLICT', field: ['baseRevision'] }])
    expect([rebased['revision'], current['revision']]).toEqual([4, 5])
    expect(baseless['userErrors']).toMatchObject([{ code: 'BAD_USER_INPUT' }])
    expect(await playlists.tracksOf(id)).toEqual([2, 3, 1, 4])
  })

  test('a rename over a rename one has not seen is a CONFLICT with both names; other fields are not in its way', async () => {
    const { id } = await edits.shared([])
    await edits.update(ann, id, { name: 'Hers', baseRevision: 1 })
    await edits.add(bob, id, [1])

    const stale = await edits.update(ann, id, { name: 'Mine', baseRevision: 1 })
    const other = await edits.update(ann, id, { description: 'Mine', baseRevision: 1 })
    const same = await edits.update(ann, id, { name: 'Hers', baseRevision: 1 })
    const blind = await edits.update(ann, id, { name: 'Last' })

    expect(stale['userErrors']).toMatchObject([
      { code: 'CONFLICT', field: ['name'], message: 'Meanwhile name is "Hers"; yours was "Mine"' },
    ])
    expect(other['playlist']).toMatchObject({ name: 'Hers', revision: 4 })
    expect(same['playlist']).toMatchObject({ name: 'Hers', revision: 4 })
    expect(blind['playlist']).toMatchObject({ name: 'Last', revision: 5 })
  })
})
