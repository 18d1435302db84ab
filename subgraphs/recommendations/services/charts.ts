import type { ChartPosition } from '../cursors.ts'
import type { Heat, HeatReader } from './heat.ts'
import { type Model, openMarkets, type TrackFacts } from './model.ts'

export interface ChartEntry extends ChartPosition {
  /** Plays that count, newer ones weighing more. */
  readonly score: number
  readonly track: TrackFacts
}

export interface Charts {
  /**
   * The tracks that may be heard in `country`, or anywhere, from after `position`: the most played first, ties by
   * popularity, and when no more were played the rest by popularity.
   */
  read(
    model: Model,
    country: string | null,
    position: ChartPosition | null,
    options: { count: number; admits?(track: TrackFacts): boolean },
  ): Promise<ChartEntry[]>
}

export function createCharts(heats: HeatReader): Charts {
  /** The chart of a reading, sorted once for the model that is there. */
  const sorted = new WeakMap<Heat, { model: Model; entries: readonly ChartEntry[] }>()

  function playedIn(model: Model, heat: Heat): readonly ChartEntry[] {
    const known = sorted.get(heat)
    if (known?.model === model) return known.entries
    const entries = [...heat.byTrack].flatMap(([id, logarithm]) => {
      const row = model.trackRows.get(id)
      return row === undefined ? [] : [entryOf(model, row, heat, logarithm)]
    })
    entries.sort(inOrder)
    sorted.set(heat, { model, entries })
    return entries
  }

  return {
    async read(model, country, position, { count, admits = () => true }) {
      const heat = await heats.read(country)
      const open = openMarkets(model, country)
      const page: ChartEntry[] = []
      for (const entry of entriesOf(model, heat, playedIn(model, heat))) {
        if (page.length === count) break
        const row = model.trackRows.get(entry.id) as number
        if (open[model.marketOf[row] as number] === 0 || !admits(entry.track)) continue
        if (position === null || inOrder(position, entry) < 0) page.push(entry)
      }
      return page
    },
  }
}

function* entriesOf(model: Model, heat: Heat, played: readonly ChartEntry[]): Generator<ChartEntry> {
  yield* played
  for (const row of model.byPopularity)
    if (!heat.byTrack.has((model.tracks[row] as TrackFacts).id)) yield entryOf(model, row, heat, null)
}

function entryOf(model: Model, row: number, heat: Heat, logarithm: number | null): ChartEntry {
  const track = model.tracks[row] as TrackFacts
  const score = logarithm === null ? 0 : heat.plays(logarithm)
  return { heat: logarithm, popularity: track.popularity, id: track.id, score, track }
}

function inOrder(one: ChartPosition, other: ChartPosition): number {
  const heat = (other.heat ?? Number.NEGATIVE_INFINITY) - (one.heat ?? Number.NEGATIVE_INFINITY)
  // Two that were not played differ by NaN.
  return (Number.isNaN(heat) ? 0 : heat) || other.popularity - one.popularity || compare(one.id, other.id)
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
