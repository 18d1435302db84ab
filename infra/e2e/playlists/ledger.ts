import assert from 'node:assert/strict'
import type { Applied, Outcome } from '../../../web/playlist-client/outcome.ts'
import type { Table } from './table.ts'

/** The `input` of a mutation, as it was sent. */
export type Input = Readonly<Record<string, unknown>>

/** What was sent, and what the client was told became of it. */
export interface Settled {
  input: Input
  outcome: Outcome
}

/**
 * Revisions without gap or repeat, and every edit in the log as often as it was acknowledged: once, in the revision that was told,
 * or not at all where it was refused or had nothing to do. Edits without a nonce are not looked at.
 */
export function checkLedger({ log, revision, items, itemCount }: Table, settled: readonly Settled[]): void {
  assert.equal(itemCount, items.length)
  assert.deepEqual(
    log.map((edit) => edit.revision),
    Array.from({ length: revision }, (_, n) => n + 1),
  )
  const nonces = log.flatMap(({ nonce }) => nonce ?? [])
  assert.equal(new Set(nonces).size, nonces.length, 'an edit was made twice')
  const madeAt = new Map(log.map((edit) => [edit.nonce, edit.revision]))
  for (const { input, outcome } of settled) {
    const nonce = input['nonce'] as string
    const made = madeAt.get(nonce)
    madeAt.delete(nonce)
    if (!outcome.isApplied) assert.equal(made, undefined, 'an edit was refused, and made')
    else if (made === undefined)
      assert.ok(hadNothingToDo(input, outcome, items), 'an edit was acknowledged, and lost')
    else assert.equal(outcome.revision, made)
  }
  madeAt.delete(null)
  assert.equal(madeAt.size, 0, 'an edit was made, and not acknowledged')
}

/** Whether it is no wonder that an edit is not in the log. */
function hadNothingToDo(input: Input, outcome: Applied, items: readonly string[]): boolean {
  if ('trackIds' in input) return outcome.skipped.length === (input['trackIds'] as string[]).length
  if ('position' in input) return false
  if ('itemIds' in input) return (input['itemIds'] as string[]).every((id) => !items.includes(id))
  return true
}
