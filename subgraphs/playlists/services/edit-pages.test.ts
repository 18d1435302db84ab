import { afterAll, beforeAll, expect, test } from 'vitest'
import { ann, bob, createEdits, type Edits } from '../testing/edits.ts'
import { createTestRoom, type Json, NOBODY, person, range, type TestRoom } from '../testing/playlists-room.ts'
import { readsOf } from '../testing/reads.ts'

const EDITS = `query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { playlist(id: $id) {
  edits(first: $first, after: $after, last: $last, before: $before) {
    nodes { revision } edges { cursor node { revision } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
} }`

let playlists: TestRoom
let edits: Edits

beforeAll(async () => {
  playlists = await createTestRoom()
  edits = createEdits(playlists, playlists)
})
afterAll(() => playlists[Symbol.asyncDispose]())

async function page(id: string, args: object): Promise<{ revisions: number[]; pageInfo: Json }> {
  const found = (await playlists.answer(EDITS, { id, ...args }, ann))['edits'] as Json
  const revisions = (found['nodes'] as readonly Json[]).map((node) => Number(node['revision']))
  expect((found['edges'] as readonly Json[]).map((edge) => edge['node']?.['revision'])).toEqual(revisions)
  return { revisions, pageInfo: found['pageInfo'] as Json }
}

test('an edit says who did what, when, and in words', async () => {
  const { id, items } = await edits.shared([1, 2, 3])
  await edits.move(bob, id, [items[0]], { end: true })
  await edits.remove(ann, id, [items[0], items[1]])
  await edits.undo(ann, id, 4)
  await edits.undo(bob, id, 3)
  await edits.update(ann, id, {
    name: 'Over “there”',
    description: 'x',
    visibility: 'PUBLIC',
    collaborative: false,
  })
  await edits.update(ann, id, { description: null, visibility: 'PRIVATE', collaborative: true })
  const query = `query ($id: ID!) { playlist(id: $id) { edits { nodes {
    revision at actor { id } summary undoes ops { __typename ... on ItemsMoved { itemIds after } }
  } } } }`

  const { nodes } = (await playlists.answer(query, { id }, bob))['edits'] as unknown as {
    nodes: { at: string; actor: { id: string }; summary: string; undoes: number | null; ops: Json[] }[]
  }

  expect(nodes.map((node) => node.summary)).toEqual([
    'Created “Road trip”',
    'Added 3 items',
    'Moved 1 item',
    'Removed 2 items',
    'Took back revision 4: put 2 items back',
    'Took back revision 3: moved 1 item back',
    'Named it “Over “there””, changed the description, made it public, closed it to editors',
    'Took the description away, made it private, opened it to editors',
  ])
  expect(nodes.map((node) => node.undoes)).toEqual([null, null, null, null, 4, 3, null, null])
  expect(nodes[2]).toMatchObject({
    actor: { id: bob.userId },
    ops: [{ __typename: 'ItemsMoved', itemIds: [items[0]], after: items[2] }],
  })
  expect(Date.parse(nodes[2]?.at ?? '')).toBeGreaterThan(Date.now() - 60_000)
})

test('pages go forward from the first and backward from the last, and meet', async () => {
  const { id } = await edits.shared([])
  for (const n of range(0, 6)) await edits.update(ann, id, { name: `name ${n}` })

  const first = await page(id, { first: 3 })
  const next = await page(id, { first: 3, after: first.pageInfo['endCursor'] })
  const rest = await page(id, { first: 3, after: next.pageInfo['endCursor'] })
  const last = await page(id, { last: 3 })
  const previous = await page(id, { last: 3, before: last.pageInfo['startCursor'] })
  const between = await page(id, {
    first: 9,
    after: first.pageInfo['startCursor'],
    before: last.pageInfo['endCursor'],
  })

  expect([first.revisions, next.revisions, rest.revisions]).toEqual([[1, 2, 3], [4, 5, 6], [7]])
  expect([last.revisions, previous.revisions]).toEqual([
    [5, 6, 7],
    [2, 3, 4],
  ])
  expect(between.revisions).toEqual([2, 3, 4, 5, 6])
  expect((await page(id, {})).revisions).toEqual(range(1, 8))
  const ends = [first, next, rest, last, previous].map(({ pageInfo }) => [
    pageInfo['hasPreviousPage'],
    pageInfo['hasNextPage'],
  ])
  expect(ends).toEqual([
    [false, true],
    [true, true],
    [true, false],
    [true, false],
    [true, true],
  ])
})

test.each([
  [{ first: 0 }],
  [{ first: 101 }],
  [{ last: 0 }],
  [{ last: 101 }],
  [{ first: 1, last: 1 }],
  [{ after: 'x' }],
  [{ before: Buffer.from('["1","2"]').toString('base64url') }],
  [{ before: Buffer.from('["-1"]').toString('base64url') }],
])('%j is BAD_USER_INPUT', async (args) => {
  const { id } = await edits.shared([])
  const { errors } = await playlists.ask(EDITS, { id, ...args }, ann)

  expect(errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT')
})

test.each([[{ first: 1 }], [{ first: 100 }], [{ last: 1 }], [{ last: 100 }]])(
  '%j is a page',
  async (args) => {
    const { id } = await edits.shared([])

    expect((await page(id, args)).revisions).toEqual([1])
  },
)

test('is for members alone, however public the list is', async () => {
  const { id, items } = await playlists.create(ann, [1], { visibility: 'PUBLIC', collaborative: true })
  await playlists.join(id, ann, bob, 'VIEWER')
  const query = `query ($id: ID!) { playlist(id: $id) {
    edits { nodes { revision } } items { nodes { id placedBy { revision } } }
  } }`
  const seen = async (who: typeof ann | typeof NOBODY) => {
    const found = await playlists.answer(query, { id }, who)
    return [found['edits'], found['items']?.['nodes']?.[0]]
  }

  const open = [{ nodes: [{ revision: 1 }, { revision: 2 }] }, { id: items[0], placedBy: { revision: 2 } }]
  const closed = [null, { id: items[0], placedBy: null }]
  expect(await seen(ann)).toEqual(open)
  expect(await seen(bob)).toEqual(open)
  expect(await seen(person('eve'))).toEqual(closed)
  expect(await seen(NOBODY)).toEqual(closed)
})

test('an item says which edit put it where it is; a move taken back gives it its place of before', async () => {
  const { id, items } = await edits.shared([1, 2, 3])
  await edits.move(bob, id, [items[0]], { end: true })
  const placings = async () => {
    const query = `query ($id: ID!) { playlist(id: $id) { items { nodes { id placedBy { revision actor { id } } } } } }`
    const { nodes } = (await playlists.answer(query, { id }, ann))['items'] as unknown as {
      nodes: { id: string; placedBy: { revision: number; actor: { id: string } } }[]
    }
    return new Map(nodes.map((node) => [node.id, [node.placedBy.revision, node.placedBy.actor.id]]))
  }

  const moved = await placings()
  await edits.undo(bob, id, 3)
  const back = await placings()

  expect([moved.get(items[0] ?? ''), moved.get(items[1] ?? '')]).toEqual([
    [3, bob.userId],
    [2, ann.userId],
  ])
  expect(back.get(items[0] ?? '')).toEqual([2, ann.userId])
})

test('the histories of a page of lists, and who placed their items, cost one read each', async () => {
  const max = person('max')
  for (const n of range(0, 5)) await playlists.create(max, [n])
  const query = `{ viewer { playlists(first: 50) { nodes {
    edits(last: 2) { nodes { revision summary } } items { nodes { id placedBy { revision } } }
  } } } }`

  const reads = await readsOf(() => playlists.answer(query, {}, max))

  // the page, the lists, their histories, their items, and who placed those
  expect(reads).toBe(5)
})
