import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeCursor } from '#shared/connection.ts'
import { ann, codeOf } from '../testing/edits.ts'
import {
  createTestRoom,
  type Json,
  NOBODY,
  range,
  type TestRoom,
  trackId,
} from '../testing/playlists-room.ts'
import { type Plan, pagePlansOf } from '../testing/reads.ts'

let playlists: TestRoom

beforeAll(async () => {
  playlists = await createTestRoom()
})
afterAll(() => playlists[Symbol.asyncDispose]())

const answer: TestRoom['answer'] = (...args) => playlists.answer(...args)
const refusal = async (...args: Parameters<TestRoom['answer']>): Promise<unknown> =>
  codeOf(await answer(...args))

test('come in pages that cover the list once, also while ranks are given anew and items move', async () => {
  const { id, items } = await playlists.create(ann, range(0, 120))
  const seen: string[] = []
  let after: unknown = null
  do {
    const page = await answer('PlaylistPage', { id, first: 50, after }, ann)
    const { edges, pageInfo, totalCount } = page['items'] as {
      edges: readonly { node: { id: string } }[]
      pageInfo: { hasNextPage: boolean; endCursor: string }
      totalCount: number
    }
    expect(totalCount).toBe(120)
    seen.push(...edges.map((edge) => edge.node.id))
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null
    await playlists.db.$executeRaw`
      WITH epoch AS (UPDATE playlist SET rank_epoch = rank_epoch + 1 WHERE id = ${id})
      UPDATE playlist_item SET rank = 'z' || rank WHERE playlist_id = ${id}`
  } while (after !== null)

  expect(seen).toEqual(items)
})

test('show when, by whom and which track, and how long all play', async () => {
  const { id } = await playlists.create(ann, [3, 4], { visibility: 'PUBLIC' })
  const page = await answer('PlaylistPage', { id }, NOBODY)

  expect(page).toMatchObject({
    durationMs: 1_003 + 1_004,
    viewerRole: null,
    viewerIsFollowing: false,
    followerCount: 0,
  })
  expect(page['items']?.['edges']?.[1]?.['node']).toMatchObject({
    addedBy: { id: ann.userId },
    track: { id: trackId(4) },
  })
})

test.each([0, 101, -1])('first: %i is BAD_USER_INPUT', async (first) => {
  const { id } = await playlists.create(ann, [1])
  const { errors } = await playlists.ask('PlaylistPage', { id, first }, ann)

  expect(errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT')
})

test.each([
  'x',
  'WyJhIl0',
  Buffer.from('["0","\\u0000","item_0000000000000000000000"]').toString('base64url'),
])('a cursor that we did not make (%s) is BAD_USER_INPUT', async (after) => {
  const { id } = await playlists.create(ann, [1])
  const page = await playlists.ask('PlaylistPage', { id, after }, ann)

  expect(page.errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT')
})

test('an edit takes 1 to 100 ids', async () => {
  const { id, items } = await playlists.create(ann, range(0, 100))
  const add = (trackIds: string[]) =>
    refusal('PlaylistAddItems', { input: { playlistId: id, trackIds } }, ann)
  const remove = (itemIds: string[]) =>
    refusal('PlaylistRemoveItems', { input: { playlistId: id, itemIds } }, ann)
  const move = (itemIds: string[]) =>
    refusal('PlaylistMoveItems', { input: { playlistId: id, itemIds, position: { end: true } } }, ann)

  expect(await move(items)).toBeNull()
  expect(await remove(items)).toBeNull()
  for (const verb of [add, remove, move]) {
    expect(await verb([])).toBe('BAD_USER_INPUT')
    expect(await verb(Array(101).fill(items[0]))).toBe('BAD_USER_INPUT')
    expect(await verb(['a\u0000'])).toBe('BAD_USER_INPUT')
  }
  expect(await playlists.tracksOf(id)).toEqual([])
})

test('a list takes 10,000 items: what no longer fits is named, and nothing fitting is LIMIT_REACHED', async () => {
  const { id } = await playlists.create(ann, [])
  await playlists.db.$executeRaw`
    WITH counted AS (UPDATE playlist SET item_count = 9998 WHERE id = ${id})
    INSERT INTO playlist_item (id, playlist_id, track_id, rank, added_at, added_by)
    SELECT 'item_' || lpad(n::text, 22, '0'), ${id}, ${trackId(1)}, 'b' || lpad(n::text, 5, '1') || n || 'V', now(), ${ann.userId}
      FROM generate_series(1, 9998) n`
  const add = (tracks: number[]) =>
    answer(
      'PlaylistAddItems',
      { input: { playlistId: id, trackIds: tracks.map(trackId), position: { start: true } } },
      ann,
    )

  const some = await add([1, 2, 3])
  const none = await add([4])

  expect(some).toMatchObject({ skipped: [{ trackId: trackId(3), reason: 'LIST_FULL' }], userErrors: [] })
  expect(some['items']).toHaveLength(2)
  expect(codeOf(none)).toBe('LIMIT_REACHED')
  expect(await playlists.itemsOf(id)).toHaveLength(10_000)
})

test('an anchor or item of another list was never in this one', async () => {
  const one = await playlists.create(ann, [1])
  const other = await playlists.create(ann, [1])
  const foreign = other.items[0]
  const add = (position: object) =>
    answer('PlaylistAddItems', { input: { playlistId: one.id, trackIds: [trackId(1)], position } }, ann)

  for (const position of [{ after: foreign }, { after: 'item' }, { after: '\u0000' }]) {
    const added = await add(position)
    expect(added['userErrors']).toMatchObject([{ code: 'BAD_USER_INPUT', field: ['position', 'after'] }])
  }
  for (const position of [
    {},
    { start: false },
    { start: true, end: true },
    { start: true, after: one.items[0] },
  ])
    expect(codeOf(await add(position))).toBe('BAD_USER_INPUT')
  expect(
    await refusal(
      'PlaylistRemoveItems',
      { input: { playlistId: one.id, itemIds: [one.items[0], foreign] } },
      ann,
    ),
  ).toBe('NOT_FOUND')
  const move = (itemIds: unknown[]) =>
    refusal('PlaylistMoveItems', { input: { playlistId: one.id, itemIds, position: { end: true } } }, ann)
  expect(await move([foreign])).toBe('NOT_FOUND')
  expect(await move([one.items[0], one.items[0]])).toBe('BAD_USER_INPUT')
  expect(await playlists.itemsOf(one.id)).toEqual(one.items)
  expect(await playlists.itemsOf(other.id)).toEqual(other.items)
})

test('a page of 100 of 10,000 items does the same work wherever it is, however many tombstones lie between', async () => {
  const { id } = await playlists.create(ann, [])
  // Every other row is visible; the first 20,000 of another list lie beside them in the same index.
  const { id: other } = await playlists.create(ann, [])
  for (const [list, prefix] of [
    [id, 'a'],
    [other, 'b'],
  ])
    await playlists.db.$executeRaw`
      INSERT INTO playlist_item (id, playlist_id, track_id, rank, added_at, added_by, removed_at_revision)
      SELECT 'item_' || ${prefix} || lpad(n::text, 21, '0'), ${list}, ${trackId(1)}, 'b' || lpad(n::text, 6, '0') || 'V', now(),
             ${ann.userId}, CASE WHEN n % 2 = 0 THEN 1 END
        FROM generate_series(1, 20000) n`
  await playlists.db.playlist.updateMany({ where: { id: { in: [id, other] } }, data: { itemCount: 10_000 } })
  await playlists.db.$executeRaw`ANALYZE playlist_item`
  const cursorAt = (place: number) => {
    const row = 2 * place - 1
    return encodeCursor(0, `b${String(row).padStart(6, '0')}V`, `item_a${String(row).padStart(21, '0')}`)
  }

  const work = []
  for (const after of [null, cursorAt(1), cursorAt(5_000), cursorAt(9_899)]) {
    let seen = 0
    const [plan] = await pagePlansOf(playlists.url, async () => {
      const page = await answer('PlaylistPage', { id, first: 100, after }, ann)
      const edges = (page['items']?.['edges'] ?? []) as readonly Json[]
      seen = edges.length
    })
    expect(seen).toBe(100)
    const scan = nodesOf(plan as Plan).find((node) => node['Index Name'] === 'playlist_item_visible_idx')
    expect(scan).toMatchObject({ 'Actual Rows': 101, 'Actual Loops': 1 })
    expect(scan?.['Rows Removed by Filter'] ?? 0).toBe(0)
    work.push(Number(scan?.['Shared Hit Blocks']) + Number(scan?.['Shared Read Blocks']))
  }

  expect(Math.max(...work) - Math.min(...work)).toBeLessThanOrEqual(4)
})

function nodesOf(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]
}
