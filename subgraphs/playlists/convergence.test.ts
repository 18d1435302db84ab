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
  UNDO,
} from './testing/playlists-room.ts'
import { createView, type Subscriber, subscribe, type View } from './testing/view.ts'

/** What a client does next; numbers choose among all items there ever were, so some are gone already. */
interface Step {
  kind: 'ADD' | 'REMOVE' | 'MOVE' | 'UPDATE' | 'UNDO'
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
    kind: fc.constantFrom('ADD', 'ADD', 'REMOVE', 'MOVE', 'MOVE', 'UPDATE', 'UNDO', 'UNDO'),
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
    const own = index === 0 ? [2] : [] // the owner has put in the first three
    for (const [n, step] of steps.entries()) {
      const nonce = `${index}-${n}`
      const taken = await take(step, { playlistId: list.id, index, nonce, everAdded, own })
      if (taken === null) continue
      accepted.set(nonce, taken.edit)
      if (step.kind !== 'UPDATE' || index === 0) own.push(taken.revision)
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

  const start: ModelItem[] = list.items.map((id) => ({ id, isRemoved: false, shownBy: [2], placedAt: 2 }))
  const model = edits.reduce(
    (items, { nonce, revision }) => applyToModel(items, accepted.get(nonce ?? '') as ModelEdit, revision),
    start,
  )
  const table = await playlists.itemsOf(list.id)
  expect(table).toEqual(visibleIds(model))
  for (const view of views) expect([view.revision, view.items]).toEqual([log.length, table])
  const row = await playlists.db.playlist.findUniqueOrThrow({ where: { id: list.id } })
  expect([row.revision, row.itemCount]).toEqual([log.length, table.length])
}

const THE_END = 'The end'
const RENAME = `mutation ($input: PlaylistUpdateInput!) {
  playlistUpdate(input: $input) { revision alreadyApplied userErrors { code } }
}`

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

interface Turn {
  playlistId: string
  /** Which client it is. */
  index: number
  nonce: string
  everAdded: string[]
  /** The revisions that this client has made. */
  own: readonly number[]
}

/** One step of a client, against its own process or both; null when it was refused or found nothing to do. */
async function take(
  step: Step,
  { playlistId, index, nonce, everAdded, own }: Turn,
): Promise<{ edit: ModelEdit; revision: number } | null> {
  const pick = (n: number): string => everAdded[n % everAdded.length] as string
  const itemIds = [...new Set(step.chosen.map(pick))]
  const trackIds = step.chosen.map(trackId)
  const position = positionOf(step, pick)
  const identity = step.kind === 'UPDATE' ? owner : (CLIENTS[index] as typeof owner)
  /** The answer, null when there was nothing to do or it was refused with one of `refusals`. */
  const send = async (operation: string, input: object, refusals: string[] = []): Promise<Json | null> => {
    const targets = step.isRetried ? processes : [processes[index % processes.length] as RoomProcess]
    const variables = { input: { playlistId, nonce, ...input } }
    const answers = await Promise.all(targets.map((target) => target.answer(operation, variables, identity)))
    expect(refusals).toEqual(expect.arrayContaining(answers.flatMap(codesOf)))
    // A refusal is not remembered: sent again, it may succeed, now that somebody has undone what was in its way.
    const accepted = answers.filter((it) => codesOf(it).length === 0)
    const told = accepted.map((it) => JSON.stringify([it['items'], it['revision']]))
    expect(new Set(told).size).toBeLessThanOrEqual(1)
    return accepted.every((it) => it['alreadyApplied']) ? null : (accepted[0] ?? null)
  }
  const taken = (answer: Json | null, edit: ModelEdit) =>
    answer && { edit, revision: Number(answer['revision']) }

  switch (step.kind) {
    case 'ADD': {
      const input = { trackIds, position, onDuplicate: step.isUnique ? 'SKIP' : 'ALLOW' }
      const answer = await send('PlaylistAddItems', input)
      const added = ((answer?.['items'] ?? []) as readonly Json[]).map((item) => item['id'] as string)
      everAdded.push(...added)
      return added.length === 0 ? null : taken(answer, { kind: 'ADD', itemIds: added, position })
    }
    case 'REMOVE':
      return taken(await send('PlaylistRemoveItems', { itemIds }), { kind: 'REMOVE', itemIds })
    case 'MOVE': {
      const answer = await send('PlaylistMoveItems', { itemIds, position }, ['ITEM_GONE'])
      return taken(answer, { kind: 'MOVE', itemIds, position })
    }
    case 'UPDATE': {
      const answer = await send(RENAME, { name: `name ${nonce}` })
      return taken(answer, { kind: 'UPDATE' })
    }
    case 'UNDO': {
      const revision = own[step.anchor % own.length]
      if (revision === undefined) return null
      const answer = await send(UNDO, { revision }, ['CONFLICT', 'ITEM_GONE'])
      return taken(answer, { kind: 'UNDO', revision })
    }
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
