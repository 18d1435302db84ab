import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  applyToModel,
  type ModelEdit,
  type ModelItem,
  type ModelPosition,
  visibleIds,
} from './testing/model.ts'
import {
  createTestRoom,
  type Json,
  person,
  type RoomProcess,
  range,
  type TestRoom,
  TRACKS,
  trackId,
} from './testing/playlists-room.ts'
import { createView, type Subscriber, subscribe, type View } from './testing/view.ts'

/** What a client does next; numbers choose among all items there ever were, so some are gone already. */
interface Step {
  kind: 'ADD' | 'REMOVE' | 'MOVE' | 'UPDATE'
  isUnique: boolean
  side: 'start' | 'end' | 'before' | 'after'
  anchor: number
  chosen: number[]
  /** Sent twice at once under one nonce, as a client does whose first answer got lost. */
  isRetried: boolean
}

const CLIENTS = range(0, 4).map((n) => person(`client ${n}`))
const [owner] = CLIENTS as [ReturnType<typeof person>]

const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom('ADD', 'ADD', 'REMOVE', 'MOVE', 'MOVE', 'UPDATE'),
    isUnique: fc.boolean(),
    side: fc.constantFrom('start', 'end', 'before', 'after', 'before', 'after'),
    anchor: fc.nat(),
    chosen: fc.uniqueArray(fc.nat({ max: TRACKS - 1 }), { minLength: 1, maxLength: 4 }),
    isRetried: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
)
const histories = fc.record({
  clients: fc.array(steps, { minLength: 2, maxLength: 4 }),
  resumeEvery: fc.integer({ min: 1, max: 6 }),
})

let playlists: TestRoom
let processes: RoomProcess[]

beforeAll(async () => {
  playlists = await createTestRoom()
  processes = [playlists, await playlists.another()]
})
afterAll(() => playlists[Symbol.asyncDispose]())

test('however edits of several clients and processes meet: none is lost, none is made twice, and all views are the table', async () => {
  const seed = Date.now() % 1_000_000_007
  let runs = 0
  const property = fc.asyncProperty(histories, async (history) => {
    await runHistory(history)
    runs++
  })
  await fc.assert(property, { seed, numRuns: 100, endOnFailure: true, interruptAfterTimeLimit: 12_000 })
  process.stdout.write(`convergence: ${runs} histories, seed ${seed}\n`)
  expect(runs).toBeGreaterThan(5)
}, 120_000)

async function runHistory({
  clients,
  resumeEvery,
}: {
  clients: Step[][]
  resumeEvery: number
}): Promise<void> {
  const list = await playlists.create(owner, [1, 2, 3], { collaborative: true, visibility: 'PUBLIC' })
  await playlists.db.collaborator.createMany({
    data: CLIENTS.slice(1).map(({ userId }) => ({ playlistId: list.id, userId, role: 'EDITOR' })),
  })
  const [here, there] = processes as [RoomProcess, RoomProcess]
  const steady = follow(there, list.id, Number.POSITIVE_INFINITY)
  const resuming = follow(here, list.id, resumeEvery)

  const everAdded = [...list.items]
  const accepted = new Map<string, ModelEdit>()
  const client = async (steps: Step[], index: number): Promise<void> => {
    for (const [n, step] of steps.entries()) {
      const nonce = `${index}-${n}`
      const edit = await take(step, list.id, index, nonce, everAdded)
      if (edit !== null) accepted.set(nonce, edit)
    }
  }
  await Promise.all(clients.map(client))
  await playlists.answer('PlaylistUpdate', { input: { playlistId: list.id, name: THE_END } }, owner)
  const views = await Promise.all([steady, resuming])

  const log = await playlists.db.playlistOp.findMany({
    where: { playlistId: list.id },
    orderBy: { revision: 'asc' },
  })
  const edits = log.slice(2, -1) // after the creation and the first three tracks, before the end
  expect(log.map(({ revision }) => revision)).toEqual(range(1, log.length + 1))
  expect(edits.map(({ nonce }) => nonce).sort()).toEqual([...accepted.keys()].sort())

  const start: ModelItem[] = list.items.map((id) => ({ id, isRemoved: false }))
  const model = edits.reduce(
    (items, { nonce }) => applyToModel(items, accepted.get(nonce ?? '') as ModelEdit),
    start,
  )
  const table = await playlists.itemsOf(list.id)
  expect(table).toEqual(visibleIds(model))
  for (const view of views) expect([view.revision, view.items]).toEqual([log.length, table])
  const row = await playlists.db.playlist.findUniqueOrThrow({ where: { id: list.id } })
  expect([row.revision, row.itemCount]).toEqual([log.length, table.length])
}

const THE_END = 'The end'

/** Watches until the end, leaving after every `resumeEvery` messages and coming back with the revision it has. */
async function follow(where: RoomProcess, id: string, resumeEvery: number): Promise<View> {
  const view = createView()
  let subscriber: Subscriber = await subscribe(where, id)
  for (let taken = 1; view.name !== THE_END; taken++) {
    const message = await subscriber.next()
    if (message === null) throw new Error('The stream ended')
    view.apply(message)
    if (taken % resumeEvery !== 0) continue
    await subscriber.leave()
    subscriber = await subscribe(where, id, { since: view.revision })
  }
  await subscriber.leave()
  return view
}

/** One step of a client, against its own process or both; null when it was refused or found nothing to do. */
async function take(
  step: Step,
  playlistId: string,
  client: number,
  nonce: string,
  everAdded: string[],
): Promise<ModelEdit | null> {
  const pick = (n: number): string => everAdded[n % everAdded.length] as string
  const itemIds = [...new Set(step.chosen.map(pick))]
  const trackIds = step.chosen.map(trackId)
  const position = positionOf(step, pick)
  const identity = step.kind === 'UPDATE' ? owner : (CLIENTS[client] as typeof owner)
  const send = async (operation: string, input: object): Promise<Json[]> => {
    const targets = step.isRetried ? processes : [processes[client % processes.length] as RoomProcess]
    const variables = { input: { playlistId, nonce, ...input } }
    const answers = await Promise.all(targets.map((target) => target.answer(operation, variables, identity)))
    const told = answers.map((it) => [codesOf(it), it['items'], it['revision']])
    expect(told.every((one) => JSON.stringify(one) === JSON.stringify(told[0]))).toBe(true)
    return answers
  }

  switch (step.kind) {
    case 'ADD': {
      const input = { trackIds, position, onDuplicate: step.isUnique ? 'SKIP' : 'ALLOW' }
      const [added] = (await send('PlaylistAddItems', input)) as [Json]
      const ids = (added['items'] as readonly Json[]).map((item) => item['id'] as string)
      everAdded.push(...ids)
      return ids.length === 0 ? null : { kind: 'ADD', itemIds: ids, position }
    }
    case 'REMOVE': {
      const answers = await send('PlaylistRemoveItems', { itemIds })
      return answers.every((it) => it['alreadyApplied']) ? null : { kind: 'REMOVE', itemIds }
    }
    case 'MOVE': {
      const [moved] = (await send('PlaylistMoveItems', { itemIds, position })) as [Json]
      if (codesOf(moved).length === 0) return { kind: 'MOVE', itemIds, position }
      expect(codesOf(moved)).toEqual(['ITEM_GONE'])
      return null
    }
    case 'UPDATE':
      await send('PlaylistUpdate', { name: `name ${nonce}` })
      return { kind: 'UPDATE' }
  }
}

function codesOf(answer: Json): Json[] {
  return (answer['userErrors'] as readonly Json[]).map((error) => error['code'] as Json)
}

function positionOf({ side, anchor }: Step, pick: (n: number) => string): ModelPosition {
  if (side === 'start') return { start: true }
  if (side === 'end') return { end: true }
  return side === 'before' ? { before: pick(anchor) } : { after: pick(anchor) }
}
