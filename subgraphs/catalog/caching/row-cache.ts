import { cacheReads } from '../metrics.ts'
import type { Kept, Place, RowStore } from './row-store.ts'

/**
 * Rows and lists of the catalogue, kept beside the database. They are the same for everybody: nothing that depends on who asks is
 * made here. Each belongs to an id, and goes with all others of that id when a change of it is told.
 */
export interface RowCache {
  /** What is at each place, in order: what is kept, what is being read at this moment, and the rest by one `read`, in its order. */
  through<At extends Place, Value extends Kept>(
    places: readonly At[],
    read: (missing: readonly At[]) => Promise<readonly Value[]>,
  ): Promise<Value[]>
  /** Forgets all of these ids, or all there is: whoever asks from now on is given nothing that was read before. */
  evict(ids: readonly string[] | null): void
}

type Flights = Map<string, Promise<Kept>>

/** Nothing is kept, nor taken from what is, while `isFollowed` is false: nobody would say what has changed. */
export function createRowCache(store: RowStore, isFollowed: () => boolean): RowCache {
  /** What is being read, by id and part. */
  const underWay = new Map<string, Flights>()

  /** The values of places that nobody is reading. */
  async function load<At extends Place, Value extends Kept>(
    places: readonly At[],
    read: (missing: readonly At[]) => Promise<readonly Value[]>,
  ): Promise<Value[]> {
    const shelves = await store.look(places)
    const missing = places.filter((_, index) => shelves[index]?.value === undefined)
    cacheReads.inc({ outcome: 'hit' }, places.length - missing.length)
    cacheReads.inc({ outcome: 'miss' }, missing.length)
    const found = missing.length === 0 ? [] : await read(missing)
    const fresh: (Place & { leave: string; value: Kept })[] = []
    let next = 0
    const values = places.map(({ id, part }, index) => {
      const shelf = shelves[index]
      if (shelf?.value !== undefined) return shelf.value as Value
      const value = found[next++] as Value
      fresh.push({ id, part, leave: shelf?.leave ?? '', value })
      return value
    })
    if (fresh.length > 0) void store.keep(fresh)
    return values
  }

  function takeOff({ id, part }: Place, flight: Promise<Kept>): void {
    const flights: Flights = underWay.get(id) ?? new Map()
    underWay.set(id, flights.set(part, flight))
    const land = (): void => {
      if (flights.get(part) === flight) flights.delete(part)
      if (flights.size === 0 && underWay.get(id) === flights) underWay.delete(id)
    }
    flight.then(land, land)
  }

  return {
    through<At extends Place, Value extends Kept>(
      places: readonly At[],
      read: (missing: readonly At[]) => Promise<readonly Value[]>,
    ) {
      if (!isFollowed()) return read(places).then((values) => [...values])
      const flights = places.map(({ id, part }) => underWay.get(id)?.get(part) as Promise<Value> | undefined)
      const own = places.filter((_, index) => flights[index] === undefined)
      cacheReads.inc({ outcome: 'shared' }, places.length - own.length)
      if (own.length === 0) return Promise.all(flights as Promise<Value>[])
      const loading = load(own, read)
      let next = 0
      return Promise.all(
        places.map((place, index) => {
          const known = flights[index]
          if (known !== undefined) return known
          const at = next++
          const flight = loading.then((values) => values[at] as Value)
          takeOff(place, flight)
          return flight
        }),
      )
    },

    evict(ids) {
      if (ids === null) underWay.clear()
      else for (const id of ids) underWay.delete(id)
      void store.evict(ids)
    },
  }
}
