import { distances } from './edit-distance.ts'

/** A word of the catalogue, or two, that may have been meant by one typed word, or by two. */
export interface NearWord {
  /** Of the first typed word, from 1; `span` of them stand for `words`. */
  place: number
  span: number
  typed: string
  words: readonly string[]
  popularity: number
  /** It goes on after what was typed. */
  isLonger: boolean
}

export interface Spelling {
  place: number
  span: number
  words: readonly string[]
  /** Mistakes between what was typed and this. */
  distance: number
}

/** A whole text as it may have been meant. */
export interface Phrase {
  text: string
  distance: number
}

/** Spellings of one word that are looked for: fewer of one that the catalogue has. */
const MOST_A_WORD = { known: 6, unknown: 12 }
const MOST_PHRASES = 24

/** The likeliest spellings at each place. Short words are allowed one mistake: with two they would be any other. */
export function chooseSpellings(near: readonly NearWord[]): Spelling[] {
  const rated = near
    .map((word) => ({ ...word, distance: mistakesBetween(word) }))
    .filter(({ typed, distance }) => distance <= allowedIn(typed))
    .sort((a, b) => a.distance - b.distance || b.popularity - a.popularity)
  const known = new Set(rated.filter(({ distance }) => distance === 0).map(({ place }) => place))
  const taken = new Map<number, number>()
  return rated.filter(({ place }) => {
    const count = (taken.get(place) ?? 0) + 1
    taken.set(place, count)
    return count <= (known.has(place) ? MOST_A_WORD.known : MOST_A_WORD.unknown)
  })
}

/** Without other spellings of words that the catalogue has. */
export function trustKnown(spellings: readonly Spelling[]): Spelling[] {
  const known = new Set(spellings.filter(({ distance }) => distance === 0).map(({ place }) => place))
  return spellings.filter(({ place, distance }) => distance === 0 || !known.has(place))
}

/** A word that was not typed to its end has one mistake, however much is left of it. */
function mistakesBetween({ typed, words, isLonger }: NearWord): number {
  if (isLonger) return 1
  return distances([...typed], [...words.join(' ')]).whole
}

function allowedIn(typed: string): number {
  return [...typed].length < 5 ? 1 : 2
}

/** The likeliest ways to spell all of it, the best first; a text with a word that no spelling is known of has none. */
export function choosePhrases(spellings: readonly Spelling[], wordCount: number): Phrase[] {
  const upTo: Phrase[][] = [[{ text: '', distance: 0 }]]
  for (let place = 1; place <= wordCount + 1; place++) {
    const here = best(upTo[place - 1] ?? [])
    upTo[place - 1] = here
    for (const { span, words, distance } of spellings.filter((spelling) => spelling.place === place)) {
      const longer = here.map((phrase) => ({
        text: [phrase.text, ...words].join(' ').trimStart(),
        distance: phrase.distance + distance,
      }))
      const end = place - 1 + span
      upTo[end] = [...(upTo[end] ?? []), ...longer]
    }
  }
  return upTo[wordCount] ?? []
}

function best(phrases: readonly Phrase[]): Phrase[] {
  return [...phrases].sort((a, b) => a.distance - b.distance).slice(0, MOST_PHRASES)
}
