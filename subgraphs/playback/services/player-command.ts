import { Refusal } from '#shared/errors.ts'
import { isPlainText } from '#shared/text.ts'
import { MAX_QUEUE } from '../config.ts'
import type { RepeatMode } from './player.ts'

/** `PlayerControlInput` of the schema. */
export interface ControlInput {
  play?: { contextId?: string | null; ids?: readonly string[] | null; queueItemId?: string | null } | null
  pause?: boolean | null
  seek?: { positionMs: number } | null
  next?: boolean | null
  previous?: boolean | null
  repeat?: RepeatMode | null
  shuffle?: boolean | null
  transfer?: { deviceId: string } | null
  enqueue?: { ids: readonly string[]; next?: boolean | null } | null
  dequeue?: { queueItemIds: readonly string[] } | null
  clear?: boolean | null
  rate?: number | null
  deviceId?: string | null
  expectedItemId?: string | null
}

/** What is asked of a player, and read so far that only the player itself can still refuse it. */
export type Command =
  | { verb: 'resume' | 'pause' | 'next' | 'previous' | 'clear' }
  | { verb: 'play'; ids: readonly string[]; contextId: string | null }
  | { verb: 'playItem'; itemId: number }
  | { verb: 'seek'; positionMs: number }
  | { verb: 'rate'; rate: number }
  | { verb: 'repeat'; repeat: RepeatMode }
  | { verb: 'shuffle'; isOn: boolean }
  | { verb: 'transfer'; deviceId: string }
  | { verb: 'enqueue'; ids: readonly string[]; isNext: boolean }
  | { verb: 'dequeue'; itemIds: readonly number[] }

const VERBS = [
  ...['play', 'pause', 'seek', 'next', 'previous', 'repeat'],
  ...['shuffle', 'transfer', 'enqueue', 'dequeue', 'clear'],
] as (keyof ControlInput)[]
const MAX_CONTEXT = 200

/** The one thing asked for; a rate may stand alone or beside it. */
export function readCommands(input: ControlInput): Command[] {
  const asked = VERBS.filter((verb) => input[verb] != null)
  if (asked.length > 1 || (asked.length === 0 && input.rate == null))
    throw new Refusal('BAD_USER_INPUT', `Name exactly one of ${VERBS.join(', ')}, or rate`, null)
  for (const verb of ['pause', 'next', 'previous', 'clear'] as const)
    if (input[verb] === false) throw new Refusal('BAD_USER_INPUT', `${verb} can only be true`, [verb])
  const rate: Command[] = input.rate == null ? [] : [{ verb: 'rate', rate: input.rate }]
  return [...rate, ...readVerb(input)]
}

function readVerb(input: ControlInput): Command[] {
  const { play, seek, repeat, shuffle, transfer, enqueue, dequeue } = input
  if (play != null) return [readPlay(play)]
  if (seek != null) return [{ verb: 'seek', positionMs: seek.positionMs }]
  if (repeat != null) return [{ verb: 'repeat', repeat }]
  if (shuffle != null) return [{ verb: 'shuffle', isOn: shuffle }]
  if (transfer != null) return [{ verb: 'transfer', deviceId: transfer.deviceId }]
  if (enqueue != null) {
    const ids = readIds(enqueue.ids, ['enqueue', 'ids'])
    return [{ verb: 'enqueue', ids, isNext: enqueue.next ?? false }]
  }
  if (dequeue != null) {
    const ids = readIds(dequeue.queueItemIds, ['dequeue', 'queueItemIds'])
    return [{ verb: 'dequeue', itemIds: ids.map(toItemId) }]
  }
  const plain = (['pause', 'next', 'previous', 'clear'] as const).find((verb) => input[verb] === true)
  return plain === undefined ? [] : [{ verb: plain }]
}

function readPlay({ ids, contextId, queueItemId }: NonNullable<ControlInput['play']>): Command {
  if (queueItemId != null) {
    if (ids != null || contextId != null)
      throw new Refusal('BAD_USER_INPUT', 'queueItemId stands alone', ['play', 'queueItemId'])
    return { verb: 'playItem', itemId: toItemId(queueItemId) }
  }
  if (ids == null && contextId == null) return { verb: 'resume' }
  if (contextId != null && (contextId.length > MAX_CONTEXT || !isPlainText(contextId)))
    throw new Refusal('BAD_USER_INPUT', `contextId is text of up to ${MAX_CONTEXT} characters`, [
      'play',
      'contextId',
    ])
  const chosen = ids ?? [contextId as string]
  return { verb: 'play', ids: readIds(chosen, ['play', 'ids']), contextId: contextId ?? null }
}

function readIds(ids: readonly string[], field: string[]): readonly string[] {
  if (ids.length < 1 || ids.length > MAX_QUEUE)
    throw new Refusal('BAD_USER_INPUT', `From 1 to ${MAX_QUEUE} ids`, field)
  return ids
}

/** Items are numbered; what is no number of ours is in no queue. */
export function toItemId(queueItemId: string): number {
  return /^[1-9]\d{0,8}$/.test(queueItemId) ? Number(queueItemId) : 0
}
