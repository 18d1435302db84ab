import type { ChartPosition } from '../cursors.ts'
import type { HeatPosition, ReadHeats } from './heat.ts'
import type { Model, TrackFacts } from './model.ts'

/** A track and its place in a chart. */
export interface Ranked extends ChartPosition {
  readonly track: TrackFacts
}

/** What is played in a country, or the world, the most played first. */
export interface CountryChart {
  /** As it is now, or was at most `refreshMs` ago. */
  read(model: Model): Promise<Played>
}

export interface Played {
  /** In the order of the chart. */
  readonly entries: readonly Ranked[]
  has(trackId: string): boolean
}

/**
 * Reads what has changed since it last looked, and puts that into its place: the rest stays in order as it is. Put in order anew only for
 * another model of the catalogue, and when a day is over.
 */
export function createCountryChart(
  readHeats: ReadHeats,
  country: string | null,
  refreshMs: number,
): CountryChart {
  const heats = new Map<string, number>()
  let position: HeatPosition | null = null
  let freshUntil = 0
  let refreshing: Promise<void> | null = null
  let order: { model: Model; entries: readonly Ranked[] } | null = null
  const played: Omit<Played, 'entries'> = { has: (id) => heats.has(id) }

  async function refresh(): Promise<void> {
    const reading = await readHeats(country, position)
    if (reading.isWhole) heats.clear()
    for (const { id, heat } of reading.heats) {
      if (heat === null) heats.delete(id)
      else heats.set(id, heat)
    }
    if (reading.isWhole) order = null
    else if (order !== null && reading.heats.length > 0) {
      const changed = new Set(reading.heats.map(({ id }) => id))
      const fresh = rank(order.model, changed)
      order = {
        model: order.model,
        entries: merge(
          order.entries.filter(({ id }) => !changed.has(id)),
          fresh,
        ),
      }
    }
    position = reading.position
    freshUntil = performance.now() + refreshMs
  }

  function rank(model: Model, ids: Iterable<string>): Ranked[] {
    return [...ids]
      .flatMap((id) => {
        const heat = heats.get(id)
        const row = model.trackRows.get(id)
        return heat === undefined || row === undefined ? [] : [rankedAt(model, row, heat)]
      })
      .sort(inOrder)
  }

  return {
    async read(model) {
      if (performance.now() >= freshUntil) {
        refreshing ??= refresh().finally(() => {
          refreshing = null
        })
        await refreshing
      }
      if (order?.model !== model) order = { model, entries: rank(model, heats.keys()) }
      return { ...played, entries: order.entries }
    },
  }
}

export function rankedAt(model: Model, row: number, heat: number | null): Ranked {
  const track = model.tracks[row] as TrackFacts
  return { heat, popularity: track.popularity, id: track.id, track }
}

/** By heat, then popularity; by id, so that there is one order. */
export function inOrder(one: ChartPosition, other: ChartPosition): number {
  const heat = (other.heat ?? Number.NEGATIVE_INFINITY) - (one.heat ?? Number.NEGATIVE_INFINITY)
  // Two that were not played differ by NaN.
  return (Number.isNaN(heat) ? 0 : heat) || other.popularity - one.popularity || compare(one.id, other.id)
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

/** Two lists in order as one. */
function merge(many: readonly Ranked[], few: readonly Ranked[]): Ranked[] {
  const merged: Ranked[] = []
  let next = 0
  for (const entry of many) {
    for (let other = few[next]; other !== undefined && inOrder(other, entry) < 0; other = few[++next])
      merged.push(other)
    merged.push(entry)
  }
  return merged.concat(few.slice(next))
}
