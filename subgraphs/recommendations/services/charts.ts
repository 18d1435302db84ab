import { LRUCache } from 'lru-cache'
import type { ChartPosition } from '../cursors.ts'
import {
  type CountryChart,
  createCountryChart,
  inOrder,
  type Played,
  type Ranked,
  rankedAt,
} from './country-chart.ts'
import { playsOf, type ReadHeats } from './heat.ts'
import { type Model, openMarkets, type TrackFacts } from './model.ts'

export interface ChartEntry extends Ranked {
  /** Plays that count, newer ones weighing more. */
  readonly score: number
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

const COUNTRIES_KEPT = 64

/** Each chart is at most `refreshMs` old. */
export function createCharts(readHeats: ReadHeats, { refreshMs }: { refreshMs: number }): Charts {
  const kept = new LRUCache<string, CountryChart>({ max: COUNTRIES_KEPT })

  function chartOf(country: string | null): CountryChart {
    const key = country ?? 'world'
    const chart = kept.get(key) ?? createCountryChart(readHeats, country, refreshMs)
    kept.set(key, chart)
    return chart
  }

  return {
    async read(model, country, position, { count, admits = () => true }) {
      const played = await chartOf(country).read(model)
      const open = openMarkets(model, country)
      const now = Date.now()
      const page: ChartEntry[] = []
      for (const entry of entriesOf(model, played)) {
        if (page.length === count) break
        const row = model.trackRows.get(entry.id) as number
        if (open[model.marketOf[row] as number] === 0 || !admits(entry.track)) continue
        if (position !== null && inOrder(position, entry) >= 0) continue
        page.push({ ...entry, score: entry.heat === null ? 0 : playsOf(entry.heat, now) })
      }
      return page
    },
  }
}

function* entriesOf(model: Model, played: Played): Generator<Ranked> {
  yield* played.entries
  for (const row of model.byPopularity)
    if (!played.has((model.tracks[row] as TrackFacts).id)) yield rankedAt(model, row, null)
}
