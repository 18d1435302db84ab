import { createHash } from 'node:crypto'

/** Repeatable chance: the same seed gives the same choices on every machine. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** A number in [-size, size). */
  spread(size: number): number
  chance(probability: number): boolean
  pick<Choice>(choices: readonly [Choice, ...Choice[]]): Choice
}

/** sfc32 (C. Doty-Humphrey's small fast counter) seeded from SHA-256, so near seeds share nothing. */
export function createRandom(seed: string): Random {
  const hash = createHash('sha256').update(seed).digest()
  let a = hash.readInt32LE(0)
  let b = hash.readInt32LE(4)
  let c = hash.readInt32LE(8)
  let counter = 1

  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return (sum >>> 0) / 4_294_967_296
  }

  return {
    next,
    spread: (size) => (next() * 2 - 1) * size,
    chance: (probability) => next() < probability,
    pick: (choices) => choices[Math.floor(next() * choices.length)] ?? choices[0],
  }
}
