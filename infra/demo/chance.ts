import { createHash } from 'node:crypto'

/** Repeatable draws for one seed. */
export interface Chance {
  /** The next number in [0, 1). */
  next(): number
  /** A number around 0 within [-1, 1], mostly within [-0.5, 0.5]. */
  bell(): number
  /** An evenly drawn number in [low, high). */
  between(low: number, high: number): number
  /** One of a non-empty list. */
  pick<T>(choices: readonly T[]): T
}

/** Draws that depend on the seed text alone, so a new record never changes what the others were given. */
export function createChance(seed: string): Chance {
  let drawn = 0
  const next = (): number => {
    const digest = createHash('sha256').update(`${seed}#${drawn++}`).digest()
    return digest.readUInt32BE(0) / 2 ** 32
  }
  const between = (low: number, high: number): number => low + (high - low) * next()
  return {
    next,
    between,
    // Sums and products only: exact on every machine, where Math.log and Math.cos may differ in the last bit.
    bell: () => ((next() + next() + next() + next()) / 4 - 0.5) * 2,
    pick: (choices) => {
      const choice = choices[Math.floor(next() * choices.length)]
      if (choice === undefined) throw new Error(`nothing to pick from for ${seed}`)
      return choice
    },
  }
}
