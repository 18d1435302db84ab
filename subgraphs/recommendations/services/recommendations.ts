import { toConnection } from '#shared/connection.ts'
import { AppError } from '#shared/errors.ts'
import type { Identity } from '#shared/identity.ts'
import { type ChartPosition, chartCursorAt, readTastePage, tasteCursorAt } from '../cursors.ts'
import type { Reason, RecommendationPage, Suggestion } from '../models.ts'
import type { Charts } from './charts.ts'
import type { CurrentModel } from './current-model.ts'
import type { Model, TrackFacts } from './model.ts'
import { type Moment, shiftOf } from './moment.ts'
import type { History, Plays } from './plays.ts'
import { rankTracks } from './ranking.ts'
import { reasonsFor, type Seed, scoreAll, seedOf, shifted } from './seeds.ts'
import { createVariety } from './variety.ts'

export interface Wish {
  /** Tracks and artists; those that are not known here are passed over. */
  seeds: readonly string[]
  moment: Moment
  first?: number | null | undefined
  after?: string | null | undefined
}

export interface Recommendations {
  /**
   * Tracks near the seeds; when none of them is known, near what the person played last; without that, what is trending.
   * BAD_USER_INPUT for more than 20 seeds, `first` outside 1 to 100, or a cursor of another list.
   */
  page(identity: Identity, wish: Wish): Promise<RecommendationPage>
}

const MOST_SEEDS = 20
const SEEDS_OF_HISTORY = 10
/** How much less each earlier track says than the one played after it. */
const FADING = 0.85
const NOTHING: History = { trackIds: [], seq: 0n }
const TRENDING: Reason[] = [{ strategy: 'TRENDING', weight: 1, seed: null }]

export function createRecommendations(current: CurrentModel, charts: Charts, plays: Plays): Recommendations {
  async function trending(
    model: Model,
    { country }: Identity,
    history: History,
    position: ChartPosition | null,
    first: number,
  ): Promise<RecommendationPage> {
    const { admits } = createVariety(model, history.trackIds)
    const entries = await charts.read(model, country, position, { count: first + 1, admits })
    const suggestions = entries.map(
      (entry): Suggestion => ({
        id: entry.id,
        score: entry.score,
        because: TRENDING,
        cursor: chartCursorAt(entry),
      }),
    )
    return { source: 'TRENDING', modelVersion: null, ...pageOf(suggestions, first, position !== null) }
  }

  return {
    async page(identity, { seeds: wanted, moment, ...args }) {
      const page = readTastePage(args)
      if (wanted.length > MOST_SEEDS)
        throw new AppError('BAD_USER_INPUT', `At most ${MOST_SEEDS} seeds, not ${wanted.length}`)
      const model = await current.get()
      const history =
        identity.userId === null
          ? NOTHING
          : await plays.recentOf(identity.userId, page.kind === 'taste' ? page.seq : null)
      const seeds = seedsFrom(model, wanted, history)
      if (page.kind === 'chart' || (page.kind === 'start' && seeds.length === 0))
        return trending(model, identity, history, page.kind === 'chart' ? page.position : null, page.first)

      const offset = page.kind === 'taste' ? page.offset : 0
      const suggestions = suggest(model, seeds, {
        moment,
        country: identity.country,
        without: [...wanted, ...history.trackIds],
        count: offset + page.first + 1,
      }).slice(offset)
      const rows = suggestions.map((suggestion, index) => ({
        ...suggestion,
        cursor: tasteCursorAt(model.version, offset + index + 1, history.seq),
      }))
      return {
        source: 'PERSONAL',
        modelVersion: model.version,
        ...pageOf(rows, page.first, page.kind === 'taste'),
      }
    },
  }
}

/** The seeds asked for as far as they are known, each once; otherwise the last tracks that the person played. */
function seedsFrom(model: Model, wanted: readonly string[], history: History): Seed[] {
  const asked = [...new Set(wanted)].flatMap((id) => seedOf(model, id, 1) ?? [])
  if (asked.length > 0) return asked
  return history.trackIds
    .flatMap((id) => seedOf(model, id, 1) ?? [])
    .slice(0, SEEDS_OF_HISTORY)
    .map((seed, age) => ({ ...seed, weight: FADING ** age }))
}

function suggest(
  model: Model,
  seeds: readonly Seed[],
  {
    moment,
    ...limits
  }: { moment: Moment; country: string | null; without: readonly string[]; count: number },
): Omit<Suggestion, 'cursor'>[] {
  const shift = shiftOf(moment)
  const sought = shift === null ? seeds : seeds.map((seed) => shifted(seed, shift))
  const ranked = rankTracks(model, { scores: scoreAll(model, sought), ...limits })
  return ranked.map(({ row, score }) => ({
    id: (model.tracks[row] as TrackFacts).id,
    score,
    because: reasonsFor(model, sought, row).map(({ seedId, weight }) => ({
      strategy: 'CONTENT',
      weight,
      seed: { id: seedId },
    })),
  }))
}

function pageOf(rows: readonly Suggestion[], first: number, isContinued: boolean) {
  return toConnection(rows, { first, after: isContinued ? [] : null }, (row) => row.cursor)
}
