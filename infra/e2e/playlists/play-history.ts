import assert from 'node:assert/strict'
import { createChance } from '../../../gateway/execute/testing/chance.ts'
import {
  applyToModel,
  type ModelEdit,
  type ModelItem,
  type ModelPosition,
  visibleIds,
} from '../../../subgraphs/playlists/testing/model.ts'
import type { Position } from '../../../web/playlist-client/items.ts'
import type { Outcome } from '../../../web/playlist-client/outcome.ts'
import { type LivePlaylist, openPlaylist } from '../../../web/playlist-client/playlist.ts'
import { checkUndo } from './check-undo.ts'
import type { History, Step } from './history.ts'
import { checkLedger, type Input, type Settled } from './ledger.ts'
import { createRoughTransport, pause, type RoughTransport } from './rough-transport.ts'
import { type Person, person, type Stage } from './stage.ts'
import type { LoggedEdit, Table } from './table.ts'

interface Actor {
  who: Person
  transport: RoughTransport
  playlist: LivePlaylist<{ id: string }>
  outcomes: (Outcome | Promise<Outcome>)[]
}

export interface Played {
  outcomes: Outcome[]
  /** Of each client's connection. */
  mishaps: RoughTransport['mishaps'][]
}

const PEOPLE = Array.from({ length: 4 }, (_, n) => person(`client ${n}`))
const PATIENCE_MS = 20_000

/** Lets the history happen, and throws when a view is not the table in the end, or an edit happened other than once. */
export async function playHistory(stage: Stage, { weather, tracks, clients }: History): Promise<Played> {
  const people = PEOPLE.slice(0, clients.length)
  const id = await stage.createList(people, tracks)
  const before = await stage.read(id)
  const actors = people.map((who, n): Actor => {
    const transport = createRoughTransport(stage.rooms, who, createChance(weather + n))
    return { who, transport, playlist: openPlaylist({ transport, id, trackFields: '' }), outcomes: [] }
  })
  try {
    await Promise.all(
      actors.map((actor, n) => act(actor, clients[n] ?? [], stage.tracks, actor.who === people[0])),
    )
    for (const { transport } of actors) transport.heal()
    await within(Promise.all(actors.flatMap(({ outcomes }) => outcomes)), 'an answer')
    const [{ playlist: first, outcomes }] = actors as [Actor]
    const catchUp = async (): Promise<void> => reaching(first, (await stage.read(id)).revision)
    outcomes.push(...(await within(checkUndo(first, stage.tracks, weather, catchUp), 'an undo')))
    const settled = await Promise.all(actors.map(settle))
    const table = await stage.read(id)
    await within(
      Promise.all(actors.map(({ playlist }) => reaching(playlist, table.revision))),
      'the last edit',
    )

    for (const { playlist } of actors) checkView(playlist, table)
    checkLedger(table, settled.flat())
    checkRefusals(settled.flat())
    checkOrder(before, table, new Map(settled.flat().map(({ input }) => [input['nonce'], input])))
    return {
      outcomes: settled.flat().map(({ outcome }) => outcome),
      mishaps: actors.map(({ transport }) => transport.mishaps),
    }
  } finally {
    for (const { playlist } of actors) playlist.close()
  }
}

async function act(
  { playlist, transport, outcomes }: Actor,
  steps: readonly Step[],
  tracks: readonly { id: string }[],
  isOwner: boolean,
): Promise<void> {
  let last: Outcome | null = null
  for (const step of steps) {
    if (step.kind === 'CUT') transport.cut()
    const outcome = edit(playlist, step, tracks, isOwner, last)
    if (outcome === null) continue
    outcomes.push(outcome)
    checkIds(playlist)
    if (step.isAwaited) last = await outcome
  }
}

/** Does the step with what the client sees now; null when there is nothing to do it with. */
function edit(
  playlist: LivePlaylist<{ id: string }>,
  step: Step,
  tracks: readonly { id: string }[],
  isOwner: boolean,
  last: Outcome | null,
): Promise<Outcome> | null {
  const { items } = playlist.state()
  const pick = (n: number): string | undefined => items[n % items.length]?.id
  const itemIds = [...new Set(step.chosen.map(pick))].filter((id) => id !== undefined)
  const position = positionOf(step, pick(step.anchor))
  switch (step.kind) {
    case 'ADD': {
      const chosen = step.chosen.map((n) => tracks[n]).filter((track) => track !== undefined)
      return playlist.add(chosen, position, step.isUnique ? 'SKIP' : 'ALLOW')
    }
    case 'REMOVE':
      return itemIds.length === 0 ? null : playlist.remove(itemIds)
    case 'MOVE':
      return itemIds.length === 0 ? null : playlist.move(itemIds, position)
    case 'RENAME':
      return isOwner ? playlist.update({ name: `name ${step.anchor}` }) : null
    case 'UNDO':
      return last?.isApplied && !last.alreadyApplied ? playlist.undo(last.revision) : null
    case 'CUT':
      return null
  }
}

function positionOf({ side }: Step, anchor: string | undefined): Position {
  if (side === 'start') return { start: true }
  if (side === 'end' || anchor === undefined) return { end: true }
  return side === 'before' ? { before: anchor } : { after: anchor }
}

/** However much is still on its way: no item is shown twice. */
function checkIds(playlist: LivePlaylist<{ id: string }>): void {
  const ids = playlist.state().items.map(({ id }) => id)
  assert.equal(new Set(ids).size, ids.length, 'an item is shown twice')
}

function checkView(playlist: LivePlaylist<{ id: string }>, table: Table): void {
  const { items, details, revision, pending } = playlist.state()
  const shown = { items: items.map(({ id }) => id), name: details?.name, revision, pending }
  assert.deepEqual(shown, { items: table.items, name: table.name, revision: table.revision, pending: 0 })
}

/** Nobody is refused but who was too late: above all nobody who names an item that was on its way when they did. */
function checkRefusals(settled: readonly Settled[]): void {
  for (const { input, outcome } of settled) {
    const isWarranted = outcome.isApplied || ['ITEM_GONE', 'CONFLICT'].includes(outcome.refusal.code)
    assert.ok(isWarranted, JSON.stringify({ input, outcome }))
  }
}

/** The edits one after the other, as they were sent, make the list that the room made of them. */
function checkOrder(before: Table, { log, items }: Table, sent: ReadonlyMap<unknown, Input>): void {
  let model: ModelItem[] = before.items.map((id) => ({ id, isRemoved: false }))
  for (const logged of log.slice(before.revision)) {
    const edit = intended(logged, sent.get(logged.nonce))
    if (edit === null) return
    model = applyToModel(model, edit)
  }
  assert.deepEqual(visibleIds(model), items)
}

/** Null for an undo: what that means is for the room to say. */
function intended({ ops }: LoggedEdit, input: Input | undefined): ModelEdit | null {
  assert.ok(input !== undefined, 'the log has an edit that nobody sent')
  if ('trackIds' in input)
    return {
      kind: 'ADD',
      itemIds: ops.flatMap((op) => op.items ?? []).map(({ id }) => id),
      position: input['position'] as ModelPosition,
    }
  if ('position' in input)
    return {
      kind: 'MOVE',
      itemIds: input['itemIds'] as string[],
      position: input['position'] as ModelPosition,
    }
  if ('itemIds' in input) return { kind: 'REMOVE', itemIds: input['itemIds'] as string[] }
  return 'revision' in input ? null : { kind: 'UPDATE' }
}

/** An outbox sends in the order in which it is given, all but what has come to nothing by then. */
async function settle({ transport, outcomes }: Actor): Promise<Settled[]> {
  const all = await Promise.all(outcomes)
  const sent = all.filter((outcome) => outcome.isApplied || outcome.refusal.code !== 'NEVER_ADDED')
  const letters = [...transport.sent.values()]
  assert.equal(letters.length, sent.length)
  return letters.map(({ input, copies }, n) => ({
    input,
    outcome: sent[n] as Outcome,
    isRepeated: copies > 1,
  }))
}

async function reaching(playlist: LivePlaylist<{ id: string }>, revision: number): Promise<void> {
  while (playlist.state().revision !== revision || playlist.state().pending > 0) await pause(2)
}

function within<Result>(work: Promise<Result>, what: string): Promise<Result> {
  let timer: NodeJS.Timeout
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${PATIENCE_MS} ms`)), PATIENCE_MS)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
