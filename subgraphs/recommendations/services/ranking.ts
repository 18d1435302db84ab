import { type Model, openMarkets, type TrackFacts } from './model.ts'
import { createTopK } from './top-k.ts'
import { createVariety } from './variety.ts'

/** A row of the model and how well it did. */
export interface Ranked {
  readonly row: number
  readonly score: number
}

/**
 * The best `count` tracks that may play in `country`, best first, with variety and without the recordings of `without`.
 * The same question of the same model has the same answer, and a longer one begins with the shorter one.
 */
export function rankTracks(
  model: Model,
  question: {
    /** By row; a track of score 0 is no answer. */
    scores: Float64Array
    country: string | null
    without: readonly string[]
    count: number
  },
): Ranked[] {
  const open = openMarkets(model, question.country)
  // Variety drops some of the best: look at more than asked for, and at still more when that was not enough.
  for (let looked = 4 * question.count + 64; ; looked *= 4) {
    const top = createTopK(Math.min(looked, model.tracks.length))
    for (let row = 0; row < model.tracks.length; row++) {
      if (open[model.marketOf[row] as number] === 0) continue
      const score = question.scores[row] as number
      if (score > 0) top.offer(row, score)
    }
    const ranked = admitted(model, top.drain(), question)
    if (ranked.length === question.count || looked >= model.tracks.length) return ranked
  }
}

function admitted(
  model: Model,
  { rows, scores }: { rows: Int32Array; scores: Float64Array },
  { without, count }: { without: readonly string[]; count: number },
): Ranked[] {
  const variety = createVariety(model, without)
  const ranked: Ranked[] = []
  for (const [place, row] of rows.entries()) {
    if (ranked.length === count) break
    if (variety.admits(model.tracks[row] as TrackFacts)) ranked.push({ row, score: scores[place] as number })
  }
  return ranked
}
