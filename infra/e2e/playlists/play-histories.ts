import { drawHistories } from './history.ts'
import { playHistory } from './play-history.ts'
import type { Stage } from './stage.ts'

export interface PlayOptions {
  seed: number
  count: number
  /** How many happen at the same time, each with a list of its own. */
  atOnce: number
  /** After this no more are begun. */
  limitMs?: number
  onProgress?(done: number): void
}

/** What has happened in all of them. */
export interface Tally {
  played: number
  applied: number
  refused: number
  mishaps: Record<string, number>
}

/** Lets up to `count` histories of a seed happen; throws what went wrong with the first that fails, and which it was. */
export async function playHistories(
  stage: Stage,
  { seed, count, atOnce, limitMs = Number.POSITIVE_INFINITY, onProgress }: PlayOptions,
): Promise<Tally> {
  const tally: Tally = { played: 0, applied: 0, refused: 0, mishaps: {} }
  const until = performance.now() + limitMs
  const waiting = drawHistories(seed, count).entries()
  let failure: Error | null = null

  const playOn = async (): Promise<void> => {
    for (const [index, history] of waiting) {
      if (failure !== null || performance.now() > until) return
      try {
        const { outcomes, mishaps } = await playHistory(stage, history)
        tally.played++
        for (const { isApplied } of outcomes) tally[isApplied ? 'applied' : 'refused']++
        for (const [name, times] of mishaps.flatMap((one) => Object.entries(one)))
          tally.mishaps[name] = (tally.mishaps[name] ?? 0) + times
      } catch (error) {
        const said = JSON.stringify(history)
        failure ??= new Error(`history ${index} of seed ${seed} fails: ${said}`, { cause: error })
      }
      onProgress?.(tally.played)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, playOn))
  if (failure !== null) throw failure
  return tally
}
