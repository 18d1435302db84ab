import assert from 'node:assert/strict'
import type { Applied, Outcome } from '../../../web/playlist-client/outcome.ts'
import type { LoggedEdit, Table } from './table.ts'

/** The `input` of a mutation, as it was sent. */
export type Input = Readonly<Record<string, unknown>>

/** What was sent, and what the client was told became of it. */
export interface Settled {
  input: Input
  outcome: Outcome
  /** The room may have got it more than once. It forgets what it refuses: of two copies one may be refused, and the other made. */
  isRepeated?: boolean
}

/**
 * Revisions without gap or repeat, and every edit in the log as often as it was acknowledged: once, in the revision that was told,
 * or not at all where it was refused or had nothing to do. Edits without a nonce are not looked at, nor those that history no longer
 * reaches.
 */
export function checkLedger({ log, revision, items, itemCount }: Table, settled: readonly Settled[]): void {
  assert.equal(itemCount, items.length)
  const first = log[0]?.revision ?? revision + 1
  assert.deepEqual(
    log.map((edit) => edit.revision),
    Array.from({ length: revision + 1 - first }, (_, n) => first + n),
  )
  const nonces = log.flatMap(({ nonce }) => nonce ?? [])
  assert.equal(new Set(nonces).size, nonces.length, 'an edit was made twice')
  const madeAt = new Map(log.map((edit) => [edit.nonce, edit.revision]))
  for (const { input, outcome, isRepeated = false } of settled) {
    const nonce = input['nonce'] as string
    const made = madeAt.get(nonce)
    madeAt.delete(nonce)
    if (outcome.isApplied && outcome.revision < first) continue
    if (!outcome.isApplied) assert.ok(made === undefined || isRepeated, 'an edit was refused, and made')
    else if (made === undefined)
      assert.ok(hadNothingToDo(input, outcome, log), 'an edit was acknowledged, and lost')
    else assert.equal(outcome.revision, made)
  }
  madeAt.delete(null)
  assert.equal(madeAt.size, 0, 'an edit was made, and not acknowledged')
}

/** Whether it is no wonder that an edit is not in the log. */
function hadNothingToDo(input: Input, outcome: Applied, log: readonly LoggedEdit[]): boolean {
  if ('trackIds' in input) return outcome.skipped.length === (input['trackIds'] as string[]).length
  if ('position' in input) return false
  if (!('itemIds' in input)) return true
  const until = log.filter(({ revision }) => revision <= outcome.revision).flatMap(({ ops }) => ops)
  return (input['itemIds'] as string[]).every((id) => {
    const last = until.findLast(
      (op) =>
        op.items?.some((item) => item.id === id) || (op.kind === 'ItemsRemoved' && op.itemIds?.includes(id)),
    )
    return last?.kind === 'ItemsRemoved'
  })
}
