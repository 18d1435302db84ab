/** A place in a queue: its id stays its own, whatever moves and however often the same thing is in the queue. */
export interface QueueItem {
  id: number
  playableId: string
}

/** What is to be played: `items` in the order they were put in, `turns` their ids in the order they are played. */
export interface Queue {
  items: readonly QueueItem[]
  turns: readonly number[]
}

export const EMPTY_QUEUE: Queue = { items: [], turns: [] }

/** The items in the order they are played. */
export function inTurn({ items, turns }: Queue): QueueItem[] {
  const byId = new Map(items.map((item) => [item.id, item]))
  return turns.map((id) => byId.get(id) as QueueItem)
}

/** With `added` after the item named in both orders; at the end when none is named. */
export function withItems(queue: Queue, added: readonly QueueItem[], after: number | null): Queue {
  const ids = added.map(({ id }) => id)
  if (after === null) return { items: [...queue.items, ...added], turns: [...queue.turns, ...ids] }
  const place = queue.items.findIndex(({ id }) => id === after) + 1
  const turn = queue.turns.indexOf(after) + 1
  return {
    items: queue.items.toSpliced(place, 0, ...added),
    turns: queue.turns.toSpliced(turn, 0, ...ids),
  }
}

export function withoutItems({ items, turns }: Queue, ids: ReadonlySet<number>): Queue {
  return { items: items.filter(({ id }) => !ids.has(id)), turns: turns.filter((id) => !ids.has(id)) }
}

/** The same items in an order that the seed alone decides, the one named first; `items` keeps what it was, so that it can be undone. */
export function shuffled({ items }: Queue, seed: number, first: number | null): Queue {
  const rest = items.map(({ id }) => id).filter((id) => id !== first)
  const next = randomFrom(seed)
  for (let last = rest.length - 1; last > 0; last--) {
    const other = Math.floor(next() * (last + 1))
    const moved = rest[last] as number
    rest[last] = rest[other] as number
    rest[other] = moved
  }
  return { items, turns: first === null ? rest : [first, ...rest] }
}

/** The items in the order they were put in. */
export function unshuffled({ items }: Queue): Queue {
  return { items, turns: items.map(({ id }) => id) }
}

/** The item `step` turns from the one named, or null beyond either end. */
export function neighbour(queue: Queue, id: number, step: 1 | -1): QueueItem | null {
  const turn = queue.turns[queue.turns.indexOf(id) + step]
  return turn === undefined ? null : (queue.items.find((item) => item.id === turn) ?? null)
}

/** The item whose turn it is; null beyond the end. */
export function itemAt({ items, turns }: Queue, turn: number): QueueItem | null {
  return items.find(({ id }) => id === turns[turn]) ?? null
}

/** Numbers from 0 to 1, always the same for a seed: a Weyl sequence through the finaliser of MurmurHash3. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  }
}
