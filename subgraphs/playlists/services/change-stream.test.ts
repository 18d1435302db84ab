import { expect, test } from 'vitest'
import { createLogger } from '#shared/telemetry.ts'
import type { Edit, SeenPlaylist, Visibility } from '../models.ts'
import { createChangeStream } from './change-stream.ts'
import type { Head } from './head.ts'
import type { History } from './history.ts'
import type { Watch } from './watch.ts'

const PLAYLIST: SeenPlaylist = {
  id: 'playlist_0000000000000000000000',
  ownerId: 'user_ann',
  name: 'Now',
  description: null,
  visibility: 'PUBLIC',
  collaborative: false,
  coverId: null,
  revision: 5,
  itemCount: 0,
  followerCount: 0,
  rankEpoch: 0,
  memberRole: null,
}

function editAt(revision: number, visibility: Visibility = 'PUBLIC'): Edit {
  const details = {
    name: `name ${revision}`,
    description: null,
    visibility,
    collaborative: false,
    coverId: null,
  }
  const about = { at: new Date(), actorId: 'user_ann', nonce: null, undoes: null }
  return { ...about, revision, kind: 'UPDATE', ops: [], details }
}

/** A stranger's stream over a log and a head that the test turns by hand: in the room the two are read at different times. */
function createBench(edits: Edit[], headRevision: number) {
  let head: Head = headAt(headRevision)
  let ring = (): void => undefined
  let failures = 0
  let hasLeft = false
  const watch: Watch = {
    follow(_, onNews) {
      ring = onNews
      return { head: () => head, editsAfter: () => null, leave: () => (hasLeft = true) }
    },
    size: () => 1,
    close: () => undefined,
  }
  const history: History = {
    async editsAfter(_, after, limit) {
      if (failures-- > 0) throw new Error('the database is away')
      return edits.filter((edit) => edit.revision > after).slice(0, limit)
    },
    snapshot: async () => null,
    grew: () => undefined,
    forget: async () => undefined,
  }
  const options = {
    history,
    watch,
    logger: createLogger('test', 'silent'),
    playlist: PLAYLIST,
    viewerId: null,
  }
  return {
    stream: createChangeStream({ ...options, sinceRevision: 4 }),
    turnHead(revision: number, visibility: Visibility = 'PUBLIC') {
      head = headAt(revision, visibility)
      ring()
    },
    failNext: (count: number) => (failures = count),
    hasLeft: () => hasLeft,
  }
}

function headAt(revision: number, visibility: Visibility = 'PUBLIC'): Head {
  return { playlist: { ...PLAYLIST, revision, visibility }, isDeleted: false, members: {} }
}

const isPending = (step: Promise<unknown>): Promise<boolean> =>
  Promise.race([step.then(() => false), new Promise<true>((resolve) => setTimeout(resolve, 30, true))])

test('nothing of a revision is sent before the head is known to be as far, and then by the rights it has there', async () => {
  const { stream, turnHead, hasLeft } = createBench(
    [editAt(5), editAt(6, 'PRIVATE'), editAt(7, 'PRIVATE')],
    5,
  )

  expect((await stream.next()).value).toMatchObject({
    kind: 'EDIT',
    revision: 5,
    playlist: { name: 'name 5' },
  })
  const next = stream.next()
  expect(await isPending(next)).toBe(true)
  turnHead(7, 'PRIVATE')

  expect((await next).value).toMatchObject({ kind: 'ACCESS_LOST', revision: 5, playlist: null })
  expect(hasLeft()).toBe(true)
  expect(await stream.next()).toEqual({ done: true, value: undefined })
})

test('an edit read while the list was open is not sent once it is closed', async () => {
  const { stream, turnHead } = createBench([editAt(5), editAt(6)], 6)
  await stream.next()

  turnHead(7, 'PRIVATE')

  expect((await stream.next()).value).toMatchObject({ kind: 'ACCESS_LOST', revision: 5 })
})

test('a read that fails is tried again, and loses nothing', async () => {
  const { stream, failNext } = createBench([editAt(5)], 5)
  failNext(1)

  expect((await stream.next()).value).toMatchObject({ kind: 'EDIT', revision: 5 })
})

test('leaving settles the next message that is waited for, also while a read is tried again', async () => {
  const idle = createBench([], 4)
  const broken = createBench([editAt(5)], 5)
  broken.failNext(1_000)

  for (const { stream, hasLeft } of [idle, broken]) {
    const next = stream.next()
    expect(await isPending(next)).toBe(true)
    await stream.return?.()
    expect(await next).toEqual({ done: true, value: undefined })
    expect(hasLeft()).toBe(true)
  }
})
