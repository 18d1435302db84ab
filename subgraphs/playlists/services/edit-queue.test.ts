import { afterAll, beforeAll, expect, test } from 'vitest'
import { roomAdapter } from '#shared/database.ts'
import { Refusal } from '#shared/errors.ts'
import { PrismaClient } from '../generated/prisma/client.ts'
import { ann } from '../testing/edits.ts'
import { createTestRoom, range, type TestRoom } from '../testing/playlists-room.ts'
import { createEditQueue, type EditQueue, type EditWork } from './edit-queue.ts'
import { record } from './record.ts'

let playlists: TestRoom
let db: PrismaClient
let queue: EditQueue
const committed: number[] = []

beforeAll(async () => {
  playlists = await createTestRoom()
  db = new PrismaClient({ adapter: roomAdapter(playlists.url, 'playlists', 2) })
  queue = createEditQueue({ db, onCommit: (_, revision) => committed.push(revision) })
})
afterAll(async () => {
  await db.$disconnect()
  await playlists[Symbol.asyncDispose]()
})

const rename =
  (name: string): EditWork<number> =>
  async (tx, playlist) => {
    const circumstances = { actorId: ann.userId, at: new Date(), nonce: null }
    const details = { ...playlist, name }
    const recorded = await record(tx, playlist, { kind: 'UPDATE', ops: [], details }, circumstances)
    return { answer: recorded.playlist?.revision ?? 0, ...recorded }
  }
const refuse: EditWork<number> = async () => {
  throw new Refusal('FORBIDDEN', 'no')
}
const breakDown: EditWork<number> = async (tx) => {
  await tx.$executeRaw`SELECT 1 / 0`
  return { answer: 0 }
}

/** How each of `works` ended: its answer, or the kind of its error. */
async function runAll(id: string, works: readonly EditWork<number>[]): Promise<unknown[]> {
  const ends = await Promise.allSettled(works.map((work) => queue.run(id, work)))
  return ends.map((end) => (end.status === 'fulfilled' ? end.value : (end.reason as Error).name))
}

test('edits that wait share transactions, in the order they came', async () => {
  const { id } = await playlists.create(ann, [])
  committed.length = 0

  const ends = await runAll(
    id,
    range(0, 40).map((n) => rename(`name ${n}`)),
  )

  const transactions = await db.$queryRaw<
    { count: bigint }[]
  >`SELECT count(DISTINCT xid) FROM outbox WHERE key = ${id}`
  expect(ends).toEqual(range(2, 42))
  expect(committed.at(-1)).toBe(41)
  expect(Number(transactions[0]?.count)).toBe(committed.length + 1)
  expect(committed.length).toBeLessThan(5)
})

test('a refusal among them is its own: the others stand', async () => {
  const { id } = await playlists.create(ann, [])

  expect(await runAll(id, [rename('a'), refuse, rename('b'), refuse])).toEqual([2, 'Refusal', 3, 'Refusal'])
})

test('one that breaks the transaction is alone with it: the others are made again, once', async () => {
  const { id } = await playlists.create(ann, [])

  const ends = await runAll(id, [rename('a'), rename('b'), breakDown, refuse, rename('c')])

  expect(ends).toEqual([2, 3, 'PrismaClientKnownRequestError', 'Refusal', 4])
  expect(await db.playlistOp.count({ where: { playlistId: id } })).toBe(4)
  expect(await runAll(id, [rename('d')])).toEqual([5])
})

test('a list that is not there has no edits', async () => {
  expect(await runAll('playlist_0000000000000000000000', [rename('a'), rename('b')])).toEqual([
    'Refusal',
    'Refusal',
  ])
})

test('more than 500 that wait for one list are too many', async () => {
  const { id } = await playlists.create(ann, [])
  const { id: other } = await playlists.create(ann, [])

  const ends = runAll(id, Array(600).fill(refuse))
  const elsewhere = await runAll(other, [rename('a')])

  const names = await ends
  expect(names.filter((name) => name === 'AppError').length).toBeGreaterThan(50)
  expect(names.filter((name) => name === 'Refusal').length).toBeGreaterThanOrEqual(500)
  expect(elsewhere).toEqual([2])
})
