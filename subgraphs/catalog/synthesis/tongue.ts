import type { Random } from '../audio/music/random.ts'

type Words = readonly [string, ...string[]]

/** How a language names songs and people. Lists begin with what is most common. */
export interface Tongue {
  key: string
  /** How much of the catalogue is in it, beside the others. */
  share: number
  nouns: Words
  adjectives: Words
  verbs: Words
  given: Words
  family: Words
  /** Parts of words nobody has heard yet: names of places, bands and things. */
  syllables: Words
  /** N a noun, Ns several, A an adjective, V a verb, G and F the names of a person, X an invented word; the rest stands as it is. */
  titles: Words
  acts: Words
}

/** As many words as a language may invent: with them the catalogue's vocabulary grows as a real one does. */
const INVENTED = 40_000
/** How often a noun is an invented one. */
const NEW_NOUN = 0.35

/** Capitals that stand alone or side by side: those of "Never" or "DJ" are what they are. */
const PLACES = /(?<![A-Za-zÀ-ɏ])[NAVGFX]+(?=s?(?![A-Za-zÀ-ɏ]))/g

/** A title or a name of one of the shapes. */
export function say(tongue: Tongue, shapes: Words, random: Random): string {
  return draw(shapes, 4, random).replace(PLACES, (places) =>
    Array.from(places, (place) => fill(tongue, place, random)).join(''),
  )
}

function fill(tongue: Tongue, place: string, random: Random): string {
  switch (place) {
    case 'N':
      return random.chance(NEW_NOUN) ? invent(tongue, random) : draw(tongue.nouns, 20, random)
    case 'A':
      return draw(tongue.adjectives, 20, random)
    case 'V':
      return draw(tongue.verbs, 20, random)
    case 'G':
      return random.pick(tongue.given)
    case 'F':
      return random.pick(tongue.family)
    default:
      return invent(tongue, random)
  }
}

/** One of the words, the n-th with a chance of 1/(n + flat): the law of Zipf and Mandelbrot. */
function draw(words: Words, flat: number, random: Random): string {
  return words[rank(words.length, flat, random)] ?? words[0]
}

function rank(count: number, flat: number, random: Random): number {
  return Math.floor(flat * ((count + flat) / flat) ** random.next() - flat)
}

/** A word made of two or three syllables; the common ones come again and again. */
function invent({ syllables }: Tongue, random: Random): string {
  let code = Math.imul(rank(INVENTED, 100, random) + 1, 2_654_435_761) >>> 0
  let word = ''
  for (let left = 2 + (code % 2); left > 0; left--) {
    code = Math.floor(code / 3)
    word += syllables[code % syllables.length] ?? ''
    code = Math.floor(code / syllables.length) + 7 * left
  }
  return word.charAt(0).toUpperCase() + word.slice(1)
}

/** Lists are written as prose: words parted by blanks, an underscore for a blank within one. */
export function words(text: string): Words {
  const [first = '', ...more] = text
    .trim()
    .split(/\s+/)
    .map((word) => word.replaceAll('_', ' '))
  return [first, ...more]
}
