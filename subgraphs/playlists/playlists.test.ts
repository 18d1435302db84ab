import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { derivedId } from '#shared/id.ts'
import type { Identity } from '#shared/identity.ts'
import {
  createTestRoom,
  INVITE,
  type Json,
  NOBODY,
  person,
  range,
  type TestRoom,
  trackId,
} from './testing/playlists-room.ts'

const ann = person('ann')
const bob = person('bob')
const eve = person('eve')
const MISSING = 'playlist_0000000000000000000000'

const PLAYLISTS = `query ($id: ID!, $first: Int, $after: String) { entities: _entities(representations: [{ __typename: "User", id: $id }]) {
  ... on User { playlists(first: $first, after: $after) {
    totalCount nodes { id name } edges { cursor node { id } } pageInfo { hasNextPage endCursor }
  } }
} }`

const FOLLOW = `mutation ($id: ID!, $follow: Boolean!) { playlistFollow(input: { playlistId: $id, follow: $follow }) {
  playlist { id followerCount viewerIsFollowing } userErrors { code } } }`

let playlists: TestRoom

beforeAll(async () => {
  playlists = await createTestRoom()
})
afterAll(() => playlists[Symbol.asyncDispose]())

const answer: TestRoom['answer'] = (...args) => playlists.answer(...args)
const code = (payload: Json): unknown => payload['userErrors']?.[0]?.['code'] ?? null
const codeOf = async (...args: Parameters<TestRoom['answer']>): Promise<unknown> =>
  code(await answer(...args))

/** How many statements the room sends to its tables while `work` runs. */
async function readsOf(work: () => Promise<unknown>): Promise<number> {
  const queries = vi.spyOn(pg.Client.prototype, 'query')
  await work()
  const reads = queries.mock.calls.filter(([config]) =>
    /FROM \(?\s*(playlist|unnest|collab|foll)/.test(JSON.stringify(config)),
  )
  queries.mockRestore()
  return reads.length
}

describe('references', () => {
  const ENTITIES = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
    ... on Playlist { id ref name } ... on PlaylistItem { id ref track { id } }
  } }`

  test('a batch is resolved in order with one query; missing and private are null alike', async () => {
    const open = await playlists.create(ann, [1], { visibility: 'PUBLIC', name: 'Open' })
    const closed = await playlists.create(ann, [1], { name: 'Closed' })
    const gone = await playlists.create(ann, [1], { visibility: 'PUBLIC' })
    await answer('PlaylistDelete', { id: gone.id }, ann)
    const representations = [closed.id, MISSING, open.id, gone.id, 'playlist\u0000', open.id].map(
      (id, index) => (index % 2 === 0 ? { __typename: 'Playlist', id } : { __typename: 'Playlist', ref: id }),
    )

    const found: { entities?: Json } = {}
    const reads = await readsOf(async () => {
      found.entities = await answer(ENTITIES, { representations }, bob)
    })

    expect(found.entities).toEqual([
      null,
      null,
      { id: open.id, ref: open.id, name: 'Open' },
      null,
      null,
      { id: open.id, ref: open.id, name: 'Open' },
    ])
    expect(reads).toBe(1)
  })

  test('an item is there for those who may see its list, until it is removed', async () => {
    const { id, items } = await playlists.create(ann, [1, 2])
    const representations = items.map((item) => ({ __typename: 'PlaylistItem', ref: item }))
    await answer('PlaylistRemoveItems', { input: { playlistId: id, itemIds: [items[0]] } }, ann)

    expect(await answer(ENTITIES, { representations }, ann)).toEqual([
      null,
      { id: items[1], ref: items[1], track: { id: trackId(2) } },
    ])
    expect(await answer(ENTITIES, { representations }, bob)).toEqual([null, null])
  })
})

describe('creating and changing', () => {
  test('a new list is private, at revision 1, and its owner’s', async () => {
    const input = { name: '  Road trip ', description: ' ' }
    const { playlist } = (await answer('PlaylistCreate', { input }, ann)) as Record<string, Json>

    expect(playlist).toMatchObject({
      name: 'Road trip',
      revision: 1,
      visibility: 'PRIVATE',
      collaborative: false,
      owner: { id: ann.userId },
    })
    expect(await answer('PlaylistPage', { id: playlist?.['id'] }, ann)).toMatchObject({
      description: null,
      viewerRole: 'OWNER',
      durationMs: 0,
    })
    expect(await answer('PlaylistPage', { id: playlist?.['id'] }, bob)).toBeNull()
    expect(await answer('PlaylistPage', { id: playlist?.['id'] }, NOBODY)).toBeNull()
  })

  test.each([
    ['name', 'x'.repeat(200), null],
    ['name', '𝄞'.repeat(200), null],
    ['name', 'x'.repeat(201), 'BAD_USER_INPUT'],
    ['name', '   ', 'BAD_USER_INPUT'],
    ['name', 'a\u0000b', 'BAD_USER_INPUT'],
    ['name', 'half \ud83d', 'BAD_USER_INPUT'],
    ['name', '\u200b', 'BAD_USER_INPUT'],
    ['description', 'x'.repeat(2_000), null],
    ['description', 'x'.repeat(2_001), 'BAD_USER_INPUT'],
    ['description', 'a\u0000b', 'BAD_USER_INPUT'],
    ['nonce', 'x'.repeat(100), null],
    ['nonce', 'x'.repeat(101), 'BAD_USER_INPUT'],
    ['nonce', '', 'BAD_USER_INPUT'],
    ['nonce', '\u0000', 'BAD_USER_INPUT'],
  ])('%s %j is answered with %j', async (field, value, expected) => {
    const { id } = await playlists.create(ann, [])
    const created = await answer('PlaylistCreate', { input: { name: 'x', [field]: value } }, ann)
    const updated = await answer('PlaylistUpdate', { input: { playlistId: id, [field]: value } }, ann)

    expect([code(created), code(updated)]).toEqual([expected, expected])
    if (expected !== null) expect(created['userErrors']?.[0]?.['field']).toEqual([field])
  })

  test('a change of nothing makes no revision; a description goes with null', async () => {
    const { id } = await playlists.create(ann, [], { description: 'old' })

    const same = await answer('PlaylistUpdate', { input: { playlistId: id, name: 'Road trip' } }, ann)
    const cleared = await answer(
      'PlaylistUpdate',
      { input: { playlistId: id, description: null, name: null } },
      ann,
    )

    expect(same['playlist']).toMatchObject({ revision: 1 })
    expect(cleared['playlist']).toMatchObject({ revision: 2, name: 'Road trip' })
    expect(await answer('PlaylistPage', { id }, ann)).toMatchObject({ description: null })
  })

  test('a document of two edits shows each list as it is after each', async () => {
    const { id } = await playlists.create(ann, [])
    const query = `mutation ($id: ID!) {
      one: playlistUpdate(input: { playlistId: $id, name: "One" }) { playlist { name revision } }
      two: playlistUpdate(input: { playlistId: $id, name: "Two" }) { playlist { name revision } }
    }`

    expect((await playlists.ask(query, { id }, ann)).data).toEqual({
      one: { playlist: { name: 'One', revision: 2 } },
      two: { playlist: { name: 'Two', revision: 3 } },
    })
  })

  test('every edit says what the list has become, in the order of its revisions', async () => {
    const { id } = await playlists.create(ann, [1], { name: 'Said', visibility: 'PUBLIC' })
    await Promise.all(
      range(0, 5).map((n) => answer('PlaylistUpdate', { input: { playlistId: id, name: `Said ${n}` } }, ann)),
    )
    await answer('PlaylistDelete', { id }, ann)

    const events = await playlists.db.$queryRaw<{ key: string; payload: Json }[]>`
      SELECT key, payload FROM outbox WHERE topic = 'playlists.playlist-changed.v1' AND key = ${id} ORDER BY xid, seq`

    expect(events.map(({ payload }) => payload['revision'])).toEqual(range(1, 9))
    expect(events[1]?.payload).toEqual({
      playlistId: id,
      name: 'Said',
      description: null,
      visibility: 'PUBLIC',
      ownerId: ann.userId,
      revision: 2,
      isDeleted: false,
    })
    expect(events.map(({ payload }) => payload['isDeleted'])).toEqual([...Array(7).fill(false), true])
  })
})

describe('items', () => {
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
    const shelf = await playlists.ask(PLAYLISTS, { id: ann.userId, after }, ann)

    for (const { errors } of [page, shelf]) expect(errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT')
  })

  test('an edit takes 1 to 100 ids', async () => {
    const { id, items } = await playlists.create(ann, range(0, 100))
    const add = (trackIds: string[]) =>
      codeOf('PlaylistAddItems', { input: { playlistId: id, trackIds } }, ann)
    const remove = (itemIds: string[]) =>
      codeOf('PlaylistRemoveItems', { input: { playlistId: id, itemIds } }, ann)
    const move = (itemIds: string[]) =>
      codeOf('PlaylistMoveItems', { input: { playlistId: id, itemIds, position: { end: true } } }, ann)

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
    expect(code(none)).toBe('LIMIT_REACHED')
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
      expect(code(await add(position))).toBe('BAD_USER_INPUT')
    expect(
      await codeOf(
        'PlaylistRemoveItems',
        { input: { playlistId: one.id, itemIds: [one.items[0], foreign] } },
        ann,
      ),
    ).toBe('NOT_FOUND')
    const move = (itemIds: unknown[]) =>
      codeOf('PlaylistMoveItems', { input: { playlistId: one.id, itemIds, position: { end: true } } }, ann)
    expect(await move([foreign])).toBe('NOT_FOUND')
    expect(await move([one.items[0], one.items[0]])).toBe('BAD_USER_INPUT')
    expect(await playlists.itemsOf(one.id)).toEqual(one.items)
    expect(await playlists.itemsOf(other.id)).toEqual(other.items)
  })
})

describe('rights', () => {
  /** What each edit of a list answers this person. */
  async function refusals(id: string, items: readonly string[], who: Identity): Promise<unknown[]> {
    const playlistId = id
    return [
      await codeOf('PlaylistAddItems', { input: { playlistId, trackIds: [trackId(1)] } }, who),
      await codeOf(
        'PlaylistMoveItems',
        { input: { playlistId, itemIds: [items[0]], position: { end: true } } },
        who,
      ),
      await codeOf('PlaylistRemoveItems', { input: { playlistId, itemIds: [items[0]] } }, who),
      await codeOf('PlaylistUpdate', { input: { playlistId, name: 'Mine' } }, who),
      await codeOf(INVITE, { input: { playlistId, role: 'VIEWER', expiresInHours: 1 } }, who),
      await codeOf('PlaylistDelete', { id }, who),
    ]
  }

  test('a private list is NOT_FOUND to strangers, like one that does not exist', async () => {
    const { id, items } = await playlists.create(ann, [1])

    expect(await refusals(id, items, eve)).toEqual(Array(6).fill('NOT_FOUND'))
    for (const missing of [MISSING, '', 'playlist', '\u0000'])
      expect(await refusals(missing, items, eve)).toEqual(Array(6).fill('NOT_FOUND'))
    expect(await codeOf(FOLLOW, { id, follow: true }, eve)).toBe('NOT_FOUND')
    expect(await codeOf(FOLLOW, { id: '\u0000', follow: true }, eve)).toBe('NOT_FOUND')
  })

  test('a public list is FORBIDDEN to strangers, and so it is to viewers', async () => {
    const { id, items } = await playlists.create(ann, [1], { visibility: 'PUBLIC', collaborative: true })
    await playlists.join(id, ann, bob, 'VIEWER')

    expect(await refusals(id, items, eve)).toEqual(Array(6).fill('FORBIDDEN'))
    expect(await refusals(id, items, bob)).toEqual(Array(6).fill('FORBIDDEN'))
  })

  test('editors edit items and nothing else, while the list is collaborative', async () => {
    const { id, items } = await playlists.create(ann, [1, 2], { collaborative: true })
    await playlists.join(id, ann, bob)

    expect(await refusals(id, items, bob)).toEqual([null, null, null, 'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'])
    expect(await answer('PlaylistPage', { id }, bob)).toMatchObject({
      viewerRole: 'EDITOR',
      collaborators: [{ role: 'EDITOR', user: { id: bob.userId } }],
    })
    await answer('PlaylistUpdate', { input: { playlistId: id, collaborative: false } }, ann)
    expect(await refusals(id, items, bob)).toEqual(Array(6).fill('FORBIDDEN'))
    expect(await answer('PlaylistPage', { id }, bob)).toMatchObject({ viewerRole: 'VIEWER' })
  })

  test('the owner may do everything', async () => {
    const { id, items } = await playlists.create(ann, [1])

    expect(await refusals(id, items, ann)).toEqual(Array(6).fill(null))
    expect(await answer('PlaylistPage', { id }, ann)).toBeNull()
    expect(await refusals(id, items, ann)).toEqual(Array(6).fill('NOT_FOUND'))
  })

  test('without a token every edit is UNAUTHENTICATED', async () => {
    const { id, items } = await playlists.create(ann, [1], { visibility: 'PUBLIC' })
    const input = { playlistId: id }
    const edits: [string, object][] = [
      ['PlaylistCreate', { input: { name: 'x' } }],
      ['PlaylistAddItems', { input: { ...input, trackIds: [trackId(1)] } }],
      ['PlaylistRemoveItems', { input: { ...input, itemIds: items } }],
      ['PlaylistMoveItems', { input: { ...input, itemIds: items, position: { end: true } } }],
      ['PlaylistUpdate', { input: { ...input, name: 'x' } }],
      ['PlaylistDelete', { id }],
      ['PlaylistInvite', { id }],
      ['PlaylistJoin', { token: 'inv_x' }],
      [FOLLOW, { id, follow: true }],
    ]

    for (const [operation, variables] of edits) {
      const { errors } = await playlists.ask(operation, { ...variables }, NOBODY)
      expect([operation, errors?.[0]?.extensions?.['code']]).toEqual([operation, 'UNAUTHENTICATED'])
    }
  })
})

describe('invitations', () => {
  const invite = (input: object, who = ann) =>
    answer(INVITE, { input: { role: 'EDITOR', expiresInHours: 24, ...input } }, who)

  test('make members; the token is kept as a hash alone', async () => {
    const { id } = await playlists.create(ann, [], { collaborative: true })
    const made = await answer('PlaylistInvite', { id }, ann)
    const { token, expiresAt } = made['invite'] as Record<string, string>

    const joined = await answer('PlaylistJoin', { token }, bob)
    const again = await answer('PlaylistJoin', { token }, bob)
    const [row] = await playlists.db.invite.findMany({ where: { playlistId: id } })

    expect(token).toMatch(/^inv_[\w-]{43}$/)
    expect(Date.parse(expiresAt ?? '') - Date.now()).toBeGreaterThan(86_300_000)
    for (const it of [joined, again]) expect(it['playlist']).toEqual({ id, viewerRole: 'EDITOR' })
    expect(JSON.stringify(row)).not.toContain(token?.slice(4))
    expect(await playlists.db.collaborator.count({ where: { playlistId: id } })).toBe(1)
  })

  test('for editors make the list collaborative, as an edit that everybody sees', async () => {
    const { id } = await playlists.create(ann, [])

    await invite({ playlistId: id, role: 'VIEWER' })
    expect(await answer('PlaylistPage', { id }, ann)).toMatchObject({ collaborative: false, revision: 1 })
    await invite({ playlistId: id })
    expect(await answer('PlaylistPage', { id }, ann)).toMatchObject({ collaborative: true, revision: 2 })
  })

  test('never lower a role: neither an editor’s nor the owner’s', async () => {
    const { id } = await playlists.create(ann, [], { collaborative: true })
    await playlists.join(id, ann, bob, 'VIEWER')
    await playlists.join(id, ann, bob, 'EDITOR')
    await playlists.join(id, ann, bob, 'VIEWER')
    await playlists.join(id, ann, ann, 'VIEWER')

    expect(await answer('PlaylistPage', { id }, ann)).toMatchObject({
      viewerRole: 'OWNER',
      collaborators: [{ role: 'EDITOR' }],
    })
  })

  test('run out: TOKEN_EXPIRED; unknown ones and those of deleted lists are NOT_FOUND', async () => {
    const { id } = await playlists.create(ann, [])
    const token = (await invite({ playlistId: id }))['invite']?.['token']
    await playlists.db.$executeRaw`UPDATE invite SET expires_at = clock_timestamp() WHERE playlist_id = ${id}`
    const other = (await invite({ playlistId: id }))['invite']?.['token']

    expect(await codeOf('PlaylistJoin', { token }, bob)).toBe('TOKEN_EXPIRED')
    await answer('PlaylistDelete', { id }, ann)
    expect(await codeOf('PlaylistJoin', { token: other }, bob)).toBe('NOT_FOUND')
    for (const unknown of ['inv_x', '', '\u0000', `${other}x`])
      expect(await codeOf('PlaylistJoin', { token: unknown }, bob)).toBe('NOT_FOUND')
  })

  test.each([
    [{ role: 'OWNER' }, 'BAD_USER_INPUT'],
    [{ expiresInHours: 0 }, 'BAD_USER_INPUT'],
    [{ expiresInHours: 1 }, null],
    [{ expiresInHours: 720 }, null],
    [{ expiresInHours: 721 }, 'BAD_USER_INPUT'],
  ])('%j is answered with %j', async (input, expected) => {
    const { id } = await playlists.create(ann, [])

    expect(code(await invite({ playlistId: id, ...input }))).toBe(expected)
  })
})

describe('following and libraries', () => {
  test('followers are counted once each, however often they ask', async () => {
    const { id } = await playlists.create(ann, [], { visibility: 'PUBLIC' })

    await Promise.all(range(0, 8).map((n) => answer(FOLLOW, { id, follow: true }, n % 2 ? bob : eve)))
    const left = await answer(FOLLOW, { id, follow: false }, eve)
    const leftAgain = await answer(FOLLOW, { id, follow: false }, eve)

    for (const it of [left, leftAgain])
      expect(it['playlist']).toEqual({ id, followerCount: 1, viewerIsFollowing: false })
    expect(await answer('PlaylistPage', { id }, bob)).toMatchObject({
      followerCount: 1,
      viewerIsFollowing: true,
      viewerRole: 'VIEWER',
    })
  })

  test('a library holds own, joined and followed lists, each once, the newest first; others see what is public', async () => {
    const [zoe, yan] = [person('zoe'), person('yan')]
    const own = await playlists.create(zoe, [], { name: 'own' })
    const joined = await playlists.create(yan, [], { name: 'joined' })
    const followed = await playlists.create(yan, [], { name: 'followed', visibility: 'PUBLIC' })
    const hidden = await playlists.create(yan, [], { name: 'hidden', visibility: 'PUBLIC' })
    const deleted = await playlists.create(yan, [], { name: 'deleted', visibility: 'PUBLIC' })
    await playlists.join(joined.id, yan, zoe, 'VIEWER')
    for (const { id } of [followed, hidden, deleted]) await answer(FOLLOW, { id, follow: true }, zoe)
    await playlists.join(followed.id, yan, zoe, 'VIEWER')
    await answer('PlaylistUpdate', { input: { playlistId: hidden.id, visibility: 'PRIVATE' } }, yan)
    await answer('PlaylistDelete', { id: deleted.id }, yan)
    const published = await playlists.create(zoe, [], { name: 'published', visibility: 'PUBLIC' })
    const shelf = async (who: Identity, page: object = {}) =>
      ((await answer(PLAYLISTS, { id: zoe.userId, ...page }, who)) as readonly Json[])[0]?.[
        'playlists'
      ] as Json

    const whole = await shelf(zoe)
    const names = (whole['nodes'] as readonly Json[]).map((node) => node['name'])
    const paged: unknown[] = []
    for (let after: unknown = null, isLast = false; !isLast; ) {
      const page = await shelf(zoe, { first: 1, after })
      paged.push(page['nodes']?.[0]?.['name'])
      after = page['pageInfo']?.['endCursor']
      isLast = page['pageInfo']?.['hasNextPage'] !== true
    }

    expect(names).toEqual(['published', 'followed', 'joined', 'own'])
    expect(paged).toEqual(names)
    expect(whole['totalCount']).toBe(4)
    expect(await shelf(bob)).toMatchObject({ totalCount: 1, nodes: [{ id: published.id }] })
    expect(await shelf(NOBODY)).toMatchObject({ totalCount: 1, nodes: [{ id: published.id }] })
    expect(own.id).not.toBe(published.id)
  })

  test('a page of lists costs one read a level', async () => {
    const max = person('max')
    for (const n of range(0, 5)) {
      const { id } = await playlists.create(max, [n, n + 1], { visibility: 'PUBLIC' })
      await playlists.join(id, max, bob)
    }
    const query = `{ viewer { playlists(first: 50) { totalCount nodes {
      name viewerRole owner { id } collaborators { user { id } } followerCount viewerIsFollowing durationMs
      items(first: 2) { nodes { id track { id } } }
    } } } }`

    const reads = await readsOf(() => answer(query, {}, max))

    // the page, its count, the lists, their members, whether followed, lengths, items
    expect(reads).toBe(7)
  })

  test('nobody is nobody', async () => {
    expect(await answer('{ viewer { id } }', {}, NOBODY)).toBeNull()
    expect(await answer(PLAYLISTS, { id: derivedId('user', 'nobody') }, NOBODY)).toMatchObject([
      { playlists: { totalCount: 0, nodes: [] } },
    ])
    expect(await answer(PLAYLISTS, { id: 'user\u0000' }, NOBODY)).toEqual([null])
  })
})
