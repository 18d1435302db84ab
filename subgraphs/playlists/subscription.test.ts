import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Identity } from '#shared/identity.ts'
import {
  createTestRoom,
  NOBODY,
  person,
  type RoomProcess,
  range,
  type TestRoom,
  trackId,
} from './testing/playlists-room.ts'
import { createView, subscribe, take } from './testing/view.ts'

const ann = person('ann')
const bob = person('bob')
const KEPT = 20

let playlists: TestRoom
let elsewhere: RoomProcess

beforeAll(async () => {
  playlists = await createTestRoom(KEPT)
  elsewhere = await playlists.another()
})
afterAll(() => playlists[Symbol.asyncDispose]())

function edit(operation: string, input: object): Promise<unknown> {
  return playlists.answer(operation, { input }, ann)
}

test('without a revision it begins with the whole list, in blocks of at most 100 that follow one another', async () => {
  const { id, items } = await playlists.create(ann, range(0, 120).concat(range(0, 130)), {
    visibility: 'PUBLIC',
  })
  const subscriber = await subscribe(playlists, id)

  const messages = await take(subscriber, 3)
  await subscriber.leave()

  expect(messages.map(({ kind, revision, parentRevision }) => [kind, revision, parentRevision])).toEqual(
    Array(3).fill(['SNAPSHOT', 4, null]),
  )
  expect(messages.map(({ ops }) => [ops[0]?.items?.length, ops[0]?.after])).toEqual([
    [100, null],
    [100, items[99]],
    [50, items[199]],
  ])
  const view = createView()
  for (const message of messages) view.apply(message)
  expect(view.items).toEqual(items)
})

test('the snapshot of an empty list is one message without ops', async () => {
  const { id } = await playlists.create(ann, [], { visibility: 'PUBLIC' })
  const subscriber = await subscribe(playlists, id)

  const [snapshot] = await take(subscriber, 1)
  await subscriber.leave()

  expect(snapshot).toMatchObject({ kind: 'SNAPSHOT', revision: 1, ops: [], playlist: { name: 'Road trip' } })
})

test('then every edit comes as it is made, in whichever process, with who, when, nonce and ops', async () => {
  const { id, items } = await playlists.create(ann, [1, 2, 3], { visibility: 'PUBLIC' })
  const subscriber = await subscribe(elsewhere, id)
  await take(subscriber, 1)

  await edit('PlaylistAddItems', {
    playlistId: id,
    trackIds: [trackId(7)],
    position: { after: items[0] },
    nonce: 'n',
  })
  await edit('PlaylistMoveItems', {
    playlistId: id,
    itemIds: [items[2], items[0]],
    position: { start: true },
  })
  await edit('PlaylistRemoveItems', { playlistId: id, itemIds: [items[2]] })
  await edit('PlaylistUpdate', { playlistId: id, name: 'Renamed', description: 'x' })
  const messages = await take(subscriber, 4)
  await subscriber.leave()

  expect(messages).toMatchObject([
    {
      kind: 'EDIT',
      revision: 3,
      parentRevision: 2,
      nonce: 'n',
      actor: { id: ann.userId },
      ops: [{ __typename: 'ItemsAdded', items: [{ track: { id: trackId(7) } }], after: items[0] }],
      playlist: { name: 'Road trip', revision: 3 },
    },
    { ops: [{ __typename: 'ItemsMoved', itemIds: [items[2], items[0]], after: null }] },
    { ops: [{ __typename: 'ItemsRemoved', itemIds: [items[2]] }] },
    {
      revision: 6,
      nonce: null,
      ops: [{ __typename: 'DetailsChanged', fields: ['NAME', 'DESCRIPTION'] }],
      playlist: { name: 'Renamed', revision: 6 },
    },
  ])
  expect(Date.parse(messages[3]?.at ?? '')).toBeGreaterThan(Date.now() - 60_000)
})

test('`after` is the visible item before the first, never a removed anchor nor one that moves along', async () => {
  const { id, items } = await playlists.create(ann, [1, 2, 3, 4], { visibility: 'PUBLIC' })
  await edit('PlaylistRemoveItems', { playlistId: id, itemIds: [items[1]] })
  const subscriber = await subscribe(playlists, id, { since: 3 })

  await edit('PlaylistAddItems', { playlistId: id, trackIds: [trackId(7)], position: { after: items[1] } })
  await edit('PlaylistMoveItems', {
    playlistId: id,
    itemIds: [items[0], items[3]],
    position: { before: items[2] },
  })
  await edit('PlaylistMoveItems', { playlistId: id, itemIds: [items[3]], position: { before: items[1] } })
  const messages = await take(subscriber, 3)
  await subscriber.leave()

  const added = messages[0]?.ops[0]?.items?.[0]?.id
  expect(messages.map((message) => message.ops[0]?.after)).toEqual([items[0], added, null])
  const view = createView()
  Object.assign(view, { revision: 3, items: [items[0], items[2], items[3]] })
  for (const message of messages) view.apply(message)
  expect(view.items).toEqual(await playlists.itemsOf(id))
})

test('with a revision it begins with the edits after it; each shows the list as it then was', async () => {
  const { id } = await playlists.create(ann, [], { visibility: 'PUBLIC' })
  for (const name of ['two', 'three', 'four']) await edit('PlaylistUpdate', { playlistId: id, name })
  const sinceTwo = await subscribe(playlists, id, { since: 2 })
  const sinceNothing = await subscribe(playlists, id, { since: 0 })

  const two = await take(sinceTwo, 2)
  const nothing = await take(sinceNothing, 4)
  await edit('PlaylistUpdate', { playlistId: id, name: 'five' })
  const [live] = await take(sinceTwo, 1)
  await Promise.all([sinceTwo.leave(), sinceNothing.leave()])

  expect(two.map(({ revision, playlist }) => [revision, playlist?.name])).toEqual([
    [3, 'three'],
    [4, 'four'],
  ])
  expect(nothing.map(({ revision, parentRevision }) => [parentRevision, revision])).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 4],
  ])
  expect(live).toMatchObject({ kind: 'EDIT', revision: 5, parentRevision: 4 })
})

test('a revision beyond the list, or one that history no longer reaches, is RESYNC and then SNAPSHOT', async () => {
  const { id, items } = await playlists.create(ann, [1], { visibility: 'PUBLIC' })
  for (const n of range(0, 2 * KEPT)) await edit('PlaylistUpdate', { playlistId: id, name: `name ${n}` })
  await expect
    .poll(() => playlists.db.playlistOp.count({ where: { playlistId: id } }))
    .toBeLessThanOrEqual(KEPT + 1)
  const current = 2 + 2 * KEPT

  for (const since of [3, current + 1]) {
    const subscriber = await subscribe(playlists, id, { since })
    const [resync, snapshot] = await take(subscriber, 2)
    await subscriber.leave()
    expect(resync).toMatchObject({ kind: 'RESYNC', revision: current, parentRevision: null, ops: [] })
    expect(snapshot).toMatchObject({
      kind: 'SNAPSHOT',
      revision: current,
      ops: [{ items: [{ id: items[0] }] }],
    })
  }
  const subscriber = await subscribe(playlists, id, { since: current - 3 })
  expect((await take(subscriber, 3)).map(({ kind }) => kind)).toEqual(['EDIT', 'EDIT', 'EDIT'])
  await subscriber.leave()
})

test('deleting a list says DELETED to its subscribers and ends them', async () => {
  const { id } = await playlists.create(ann, [1], { visibility: 'PUBLIC' })
  const subscriber = await subscribe(elsewhere, id)
  await take(subscriber, 1)

  await playlists.answer('PlaylistDelete', { id }, ann)

  expect(await take(subscriber, 9)).toMatchObject([
    { kind: 'DELETED', revision: 3, parentRevision: 2, playlist: null },
  ])
  await expect(subscribe(playlists, id, { identity: ann })).rejects.toThrow('NOT_FOUND')
})

test('a private list is as good as missing, to strangers and to the anonymous', async () => {
  const { id } = await playlists.create(ann, [1])
  const missing = `${id.slice(0, -1)}${id.endsWith('x') ? 'y' : 'x'}`

  for (const unseen of [id, missing, 'playlist', '\u0000']) {
    await expect(subscribe(playlists, unseen, { identity: bob })).rejects.toThrow('NOT_FOUND')
    await expect(subscribe(playlists, unseen, { identity: NOBODY })).rejects.toThrow('UNAUTHENTICATED')
  }
  await expect(subscribe(playlists, id, { identity: ann, since: -1 })).rejects.toThrow('BAD_USER_INPUT')
  const own = await subscribe(playlists, id, { identity: ann })
  expect(await take(own, 1)).toMatchObject([{ kind: 'SNAPSHOT' }])
  await own.leave()
})

test('when a list turns private, strangers hear ACCESS_LOST and nothing of it; members go on', async () => {
  const { id } = await playlists.create(ann, [1], { visibility: 'PUBLIC' })
  await playlists.join(id, ann, bob, 'VIEWER')
  const stranger = await subscribe(elsewhere, id, { identity: person('eve') })
  const member = await subscribe(elsewhere, id, { identity: bob })
  await Promise.all([take(stranger, 1), take(member, 1)])

  await edit('PlaylistUpdate', { playlistId: id, visibility: 'PRIVATE', name: 'Secret' })

  expect(await take(stranger, 9)).toMatchObject([
    { kind: 'ACCESS_LOST', revision: 2, ops: [], playlist: null },
  ])
  expect(await take(member, 1)).toMatchObject([{ kind: 'EDIT', revision: 3, playlist: { name: 'Secret' } }])
  await member.leave()
})

test('a member who is shown the door hears ACCESS_LOST without an edit', async () => {
  const { id } = await playlists.create(ann, [1])
  await playlists.join(id, ann, bob)
  const member = await subscribe(playlists, id, { identity: bob })
  await take(member, 1)

  await playlists.db.collaborator.deleteMany({ where: { playlistId: id } })

  expect(await take(member, 9)).toMatchObject([{ kind: 'ACCESS_LOST' }])
})

test('who has just joined sees the list, though others watched it before', async () => {
  const { id } = await playlists.create(ann, [1])
  const owner = await subscribe(playlists, id, { identity: ann })
  await take(owner, 1)

  await playlists.join(id, ann, bob, 'VIEWER')
  const member = await subscribe(playlists, id, { identity: bob })

  expect(await take(member, 1)).toMatchObject([{ kind: 'SNAPSHOT' }])
  await Promise.all([owner.leave(), member.leave()])
})

test('what was done while a list was private is for its members alone: others go on from a snapshot', async () => {
  const { id } = await playlists.create(ann, [1], { visibility: 'PUBLIC' })
  await playlists.join(id, ann, bob, 'VIEWER')
  await edit('PlaylistUpdate', { playlistId: id, visibility: 'PRIVATE', name: 'Secret' })
  await edit('PlaylistUpdate', { playlistId: id, name: 'More secret' })
  await edit('PlaylistUpdate', { playlistId: id, visibility: 'PUBLIC', name: 'Open' })
  const kinds = async (since: number, identity: typeof ann, count: number): Promise<unknown[]> => {
    const subscriber = await subscribe(elsewhere, id, { since, identity })
    const messages = await take(subscriber, count)
    await subscriber.leave()
    return messages.map(({ kind, revision, playlist }) => [kind, revision, playlist?.name])
  }

  const eve = person('eve')
  expect(await kinds(0, eve, 4)).toEqual([
    ['EDIT', 1, 'Road trip'],
    ['EDIT', 2, 'Road trip'],
    ['RESYNC', 5, 'Open'],
    ['SNAPSHOT', 5, 'Open'],
  ])
  expect(await kinds(3, eve, 2)).toEqual([
    ['RESYNC', 5, 'Open'],
    ['SNAPSHOT', 5, 'Open'],
  ])
  expect(await kinds(4, eve, 1)).toEqual([['EDIT', 5, 'Open']])
  expect(await kinds(2, bob, 3)).toEqual([
    ['EDIT', 3, 'Secret'],
    ['EDIT', 4, 'More secret'],
    ['EDIT', 5, 'Open'],
  ])
})

test('what an edit becomes is made once for all who ask for the same, and by viewer where the viewer matters', async () => {
  const { id } = await playlists.create(ann, [1], { visibility: 'PUBLIC', collaborative: true })
  await playlists.join(id, ann, bob)
  const open = async (selection: string, identity: Identity) => {
    const query = `subscription ($id: ID!, $since: Int) {
      playlistChanged(id: $id, sinceRevision: $since) { revision ${selection} }
    }`
    const stream = await elsewhere.room.subscribe({ query, variables: { id, since: 1 }, identity })
    if (!(Symbol.asyncIterator in stream)) throw new Error('refused')
    await stream.next()
    return stream
  }
  const people = [ann, bob, NOBODY, ...range(0, 30).map((n) => person(`fan ${n}`))]
  const alike = await Promise.all(people.map((who) => open('ops { __typename } playlist { name }', who)))
  const own = await Promise.all([ann, bob, NOBODY].map((who) => open('playlist { name viewerRole }', who)))

  await edit('PlaylistUpdate', { playlistId: id, name: 'Other' })
  const steps = await Promise.all([...alike, ...own].map((stream) => stream.next()))
  await Promise.all([...alike, ...own].map((stream) => stream.return?.()))

  const answers = steps.map((step) => step.value)
  const shared = answers.slice(0, alike.length)
  expect(new Set(shared).size).toBe(1)
  expect(shared[0]?.data).toEqual({
    playlistChanged: { revision: 3, ops: [{ __typename: 'DetailsChanged' }], playlist: { name: 'Other' } },
  })
  expect(answers.slice(alike.length).map((it) => it?.data?.['playlistChanged'])).toEqual(
    ['OWNER', 'EDITOR', null].map((viewerRole) => ({ revision: 3, playlist: { name: 'Other', viewerRole } })),
  )
})
