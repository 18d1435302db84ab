import { distances } from './edit-distance.ts'
import type { Spelling } from './spellings.ts'

/** A document as it may be alike. Each of its words stands behind a scope of two characters and a sign for where it is. */
export interface AlikeText {
  title: string
  titleKey: string
  words: readonly string[]
}

export interface Closeness {
  closeness: number
  spelling: string
}

/** A title that goes on after what was typed is worth less than one that ends there; words here and there still less. */
const START_WORTH = 0.92
const WORDS_WORTH = 0.85
/** In the title, in the artist's name, anywhere. */
const FIELD_WORTH: Readonly<Record<string, number>> = { '=': 1, '@': 0.9, '~': 0.8 }
/** What is no more than half the same is not alike. */
export const NOT_ALIKE = 0.5

/** Measures how close documents come to what was typed, given the spellings it may stand for. */
export function createCloseness(typedWords: readonly string[], spellings: readonly Spelling[]) {
  const typed = [...typedWords.join(' ')]
  const inTypedLetters = (distance: number): number => Math.max(0, 1 - distance / typed.length)

  /** Word by word, whichever field it stands in: the mean over the typed words of how close the best one comes. */
  function byWords(words: readonly string[]): Closeness {
    const worthOf = new Map<string, number>()
    for (const word of words) {
      const worth = FIELD_WORTH[word.charAt(2)] ?? 0
      worthOf.set(word.slice(3), Math.max(worth, worthOf.get(word.slice(3)) ?? 0))
    }
    const spelt: string[] = []
    let sum = 0
    for (let place = 1; place <= typedWords.length; ) {
      const fit = fitAt(place, worthOf)
      sum += fit.worth * fit.span
      if (fit.words.length > 0) spelt.push(...fit.words)
      place += fit.span
    }
    return { closeness: WORDS_WORTH * (sum / typedWords.length), spelling: spelt.join(' ') }
  }

  function fitAt(place: number, worthOf: ReadonlyMap<string, number>) {
    let best = { worth: 0, span: 1, words: [] as readonly string[] }
    for (const { span, words, distance, ...spelling } of spellings) {
      if (spelling.place !== place) continue
      const length = typedWords.slice(place - 1, place - 1 + span).join(' ').length
      const found = Math.min(...words.map((word) => worthOf.get(word) ?? 0))
      const worth = found * (1 - distance / length)
      if (worth > best.worth) best = { worth, span, words }
    }
    return best
  }

  return ({ title, titleKey, words }: AlikeText): Closeness => {
    const { whole, start } = distances(typed, [...titleKey])
    const worded = byWords(words)
    const asTitle = inTypedLetters(whole)
    const asStart = START_WORTH * inTypedLetters(start)
    if (asTitle >= asStart && asTitle >= worded.closeness) return { closeness: asTitle, spelling: title }
    // What amounts to the whole title is written as the title is.
    const spelling = worded.spelling === titleKey ? title : write(worded.spelling)
    return { closeness: Math.max(asStart, worded.closeness), spelling }
  }
}

/** Chinese and Japanese have a word a character, and are written without blanks. */
const UNSPACED = '[\\u3005-\\u3007\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff]'
const BLANKS = new RegExp(`(?<=${UNSPACED}) (?=${UNSPACED})`, 'g')

function write(words: string): string {
  return words.replace(BLANKS, '')
}
