import { Refusal } from '#shared/errors.ts'
import { MAX_QUEUE, RATES } from '../config.ts'
import { type LoadedPlayer, type Player, type RepeatMode, settled } from './player.ts'
import {
  EMPTY_QUEUE,
  itemAt,
  neighbour,
  type QueueItem,
  shuffled,
  unshuffled,
  withItems,
  withoutItems,
} from './queue.ts'

// What can be done to a player. Every verb takes a player that is settled to now, and throws Refusal before it changes anything.

export function resume(player: Player): Player {
  if (player.itemId === null) throw new Refusal('BAD_USER_INPUT', 'There is nothing to play', ['play'])
  return { ...player, playing: true }
}

export function pause(player: Player): Player {
  return { ...player, playing: false }
}

export function seek(player: Player, positionMs: number): Player {
  const { itemId, durationMs } = player
  if (itemId === null) throw new Refusal('BAD_USER_INPUT', 'There is nothing to seek in', ['seek'])
  if (positionMs < 0 || positionMs > (durationMs ?? Number.MAX_SAFE_INTEGER))
    throw new Refusal('BAD_USER_INPUT', `A position is from 0 to ${durationMs} ms`, ['seek', 'positionMs'])
  return { ...player, positionMs }
}

export function setRate(player: Player, rate: number): Player {
  if (!(rate >= RATES.least && rate <= RATES.most))
    throw new Refusal('BAD_USER_INPUT', `rate is from ${RATES.least} to ${RATES.most}`, ['rate'])
  return { ...player, rate }
}

export function setRepeat(player: Player, repeat: RepeatMode): Player {
  return { ...player, repeat }
}

/** On, what is chosen stays and everything else comes after it, in an order of the seed's; off, the old order is there again. */
export function setShuffle({ player, queue }: LoadedPlayer, isOn: boolean, seed: number): LoadedPlayer {
  if (isOn === (player.shuffleSeed !== null)) return { player, queue }
  return isOn
    ? { player: { ...player, shuffleSeed: seed }, queue: shuffled(queue, seed, player.itemId) }
    : { player: { ...player, shuffleSeed: null }, queue: unshuffled(queue) }
}

/** A new queue in place of the old one, from its first turn on. */
export function playAll(
  { player }: LoadedPlayer,
  playableIds: readonly string[],
  contextId: string | null,
  seed: number,
): LoadedPlayer {
  const fresh = fill({ player, queue: EMPTY_QUEUE }, playableIds, null, ['play'])
  const isShuffled = player.shuffleSeed !== null
  const queue = isShuffled ? shuffled(fresh.queue, seed, null) : fresh.queue
  const shuffleSeed = isShuffled ? seed : null
  return choose(
    { player: { ...fresh.player, contextId, shuffleSeed, playing: true }, queue },
    itemAt(queue, 0),
  )
}

export function playItem({ player, queue }: LoadedPlayer, itemId: number): LoadedPlayer {
  const item = queue.items.find(({ id }) => id === itemId)
  if (item === undefined)
    throw new Refusal('ITEM_GONE', 'This is not in the queue any more', ['play', 'queueItemId'])
  return choose({ player: { ...player, playing: true }, queue }, item)
}

/** Behind the last item there is the first again; unless everything repeats, it waits there. */
export function next({ player, queue }: LoadedPlayer): LoadedPlayer {
  if (player.itemId === null) throw new Refusal('BAD_USER_INPUT', 'The queue is empty', ['next'])
  const following = neighbour(queue, player.itemId, 1)
  if (following !== null) return choose({ player, queue }, following)
  const playing = player.playing && player.repeat === 'ALL'
  return choose({ player: { ...player, playing }, queue }, itemAt(queue, 0))
}

/** Before the first item there is the last when everything repeats, and else the first itself. */
export function previous({ player, queue }: LoadedPlayer): LoadedPlayer {
  if (player.itemId === null) throw new Refusal('BAD_USER_INPUT', 'The queue is empty', ['previous'])
  const end = itemAt(queue, player.repeat === 'ALL' ? queue.turns.length - 1 : 0)
  return choose({ player, queue }, neighbour(queue, player.itemId, -1) ?? end)
}

/** At the end, or right after what is chosen. Into an empty queue, the first of them is chosen. */
export function enqueue(loaded: LoadedPlayer, playableIds: readonly string[], isNext: boolean): LoadedPlayer {
  const filled = fill(loaded, playableIds, isNext ? loaded.player.itemId : null, ['enqueue', 'ids'])
  return loaded.player.itemId === null ? choose(filled, itemAt(filled.queue, 0)) : filled
}

/** What is gone already stays gone. Without the one that is chosen, the next is. */
export function dequeue({ player, queue }: LoadedPlayer, itemIds: readonly number[]): LoadedPlayer {
  const gone = new Set(itemIds)
  const rest = withoutItems(queue, gone)
  if (rest.items.length === queue.items.length)
    throw new Refusal('ITEM_GONE', 'None of these is in the queue any more', ['dequeue', 'queueItemIds'])
  if (player.itemId === null || !gone.has(player.itemId)) return { player, queue: rest }
  const turn = queue.turns.indexOf(player.itemId)
  const following = queue.turns.slice(turn + 1).find((id) => !gone.has(id))
  const playing = player.playing && following !== undefined
  const item = rest.items.find(({ id }) => id === following) ?? itemAt(rest, 0)
  return choose({ player: { ...player, playing }, queue: rest }, item)
}

/** Everything but what is chosen, which plays on. */
export function clear({ player, queue }: LoadedPlayer): LoadedPlayer {
  const others = queue.items.filter(({ id }) => id !== player.itemId).map(({ id }) => id)
  return { player, queue: withoutItems(queue, new Set(others)) }
}

/** What has changed counts as of `now`; nothing else does. */
export function isChanged(before: Player, after: Player, now: number): boolean {
  return JSON.stringify(settled(before, now)) !== JSON.stringify(settled(after, now))
}

function choose({ player, queue }: LoadedPlayer, item: QueueItem | null): LoadedPlayer {
  const chosen = { itemId: item?.id ?? null, playableId: item?.playableId ?? null }
  return { player: { ...player, ...chosen, positionMs: 0, durationMs: null }, queue }
}

function fill(
  { player, queue }: LoadedPlayer,
  playableIds: readonly string[],
  after: number | null,
  field: string[],
): LoadedPlayer {
  if (queue.items.length + playableIds.length > MAX_QUEUE)
    throw new Refusal('LIMIT_REACHED', `A queue holds at most ${MAX_QUEUE} items`, field)
  const items = playableIds.map((playableId, index) => ({ id: player.nextItemId + index, playableId }))
  const nextItemId = player.nextItemId + items.length
  return { player: { ...player, nextItemId }, queue: withItems(queue, items, after) }
}
