/** How well each of the twelve notes above the tonic fits a key: Krumhansl and Kessler's listeners (1982). */
const MAJOR = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88]
const MINOR = [6.33, 2.68, 3.52, 5.38, 2.6, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17]

/** Key as pitch class (C = 0) and mode (1 major, 0 minor). */
export interface Key {
  key: number
  mode: 0 | 1
}

/** The key whose profile is most like how much each pitch class sounds (C first). */
export function findKey(chroma: readonly number[]): Key {
  let best: Key = { key: 0, mode: 1 }
  let likest = Number.NEGATIVE_INFINITY
  for (let key = 0; key < 12; key++) {
    const turned = chroma.map((_, index) => chroma[(index + key) % 12] as number)
    for (const [mode, profile] of [
      [1, MAJOR],
      [0, MINOR],
    ] as const) {
      const likeness = correlation(turned, profile)
      if (likeness > likest) [best, likest] = [{ key, mode }, likeness]
    }
  }
  return best
}

function correlation(one: readonly number[], other: readonly number[]): number {
  const [meanOne, meanOther] = [mean(one), mean(other)]
  let [product, squareOne, squareOther] = [0, 0, 0]
  one.forEach((value, index) => {
    const [a, b] = [value - meanOne, (other[index] as number) - meanOther]
    product += a * b
    squareOne += a * a
    squareOther += b * b
  })
  return squareOne === 0 ? 0 : product / Math.sqrt(squareOne * squareOther)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

const NOTES: Readonly<Record<string, number>> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11, H: 11 }

/** A key as tags have it ("Am", "F#", "Eb minor"); null for what is none. */
export function parseKey(text: string): Key | null {
  const match = /^([A-H])([#♯b♭]?)\s*(m|min|minor|maj|major|dur|moll)?$/i.exec(text.trim())
  const note = NOTES[match?.[1]?.toUpperCase() ?? '']
  if (match === null || note === undefined) return null
  const shift = /[#♯]/.test(match[2] ?? '') ? 1 : /[b♭]/.test(match[2] ?? '') ? 11 : 0
  return { key: (note + shift) % 12, mode: /^(m|min|minor|moll)$/i.test(match[3] ?? '') ? 0 : 1 }
}
