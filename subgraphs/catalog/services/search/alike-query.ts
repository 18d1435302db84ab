import type { Spelling } from './spellings.ts'

/**
 * What a document must have, as a tsquery in which ? stands for a scope: at each place one of the spellings, wherever. `spared`
 * places may be missing. Null when nothing would be left to ask for.
 */
export function toQuery(spellings: readonly Spelling[], spared: 0 | 1): string | null {
  const groups = new Map<number, string[]>()
  for (const { place, span, words } of spellings)
    if (span === 1) groups.set(place, [...(groups.get(place) ?? []), termOf(words)])

  /** All groups but those of the places left out, and a term in their stead. */
  const wayWithout = (left: readonly number[], instead: string[] = []): string[] => {
    const kept = [...groups].filter(([place]) => !left.includes(place)).map(([, terms]) => terms.join('|'))
    const asked = [...kept, ...instead]
    return asked.length === 0 ? [] : [asked.map((terms) => `(${terms})`).join('&')]
  }
  const ways = [
    ...(spared === 0 ? wayWithout([]) : [...groups.keys()].flatMap((place) => wayWithout([place]))),
    ...spellings
      .filter(({ span }) => span === 2)
      .flatMap(({ place, words }) => wayWithout([place, place + 1], [termOf(words)])),
  ]
  return ways.length === 0 ? null : ways.map((way) => `(${way})`).join('|')
}

/** Words hold letters and digits alone: there is nothing to escape. */
function termOf(words: readonly string[]): string {
  return `(${words.map((word) => `'?~${word}'`).join('&')})`
}
