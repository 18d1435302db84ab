/** Anything that JSON can say. Whoever is given one shares it with others, and changes nothing in it. */
export type Kept = object | string | number | boolean | null

/** Where something is kept: a part of what belongs to an id. */
export interface Place {
  id: string
  part: string
}

/** What is kept at a place, if anything is, and the leave to keep something there, which ends when the id is evicted. */
export interface Shelf {
  value: Kept | undefined
  leave: string
}

/** Where rows are kept. That something cannot be kept is no error; what is kept was never read before its id was last evicted. */
export interface RowStore {
  /** In the order of the places. */
  look(places: readonly Place[]): Promise<Shelf[]>
  /** Keeps values that were read since the look that gave the leave. */
  keep(values: readonly (Place & { leave: string; value: Kept })[]): Promise<void>
  /** Everything of these ids, or all there is. */
  evict(ids: readonly string[] | null): Promise<void>
  close(): Promise<void>
}

/** How long a row is kept when nobody says that it changed: a day. */
export const KEPT_SECONDS = 86_400
