import { LRUCache } from 'lru-cache'
import { derivedId } from '#shared/id.ts'
import { createRandom, type Random } from '../audio/music/random.ts'
import { LATIN_TONGUES } from './latin-tongues.ts'
import { OTHER_TONGUES } from './other-tongues.ts'
import { say, type Tongue } from './tongue.ts'

/** An invented artist: the n-th of a seed is always the same. */
export interface Act {
  id: string
  sourceKey: string
  name: string
  tongue: Tongue
  genres: readonly [string, ...string[]]
  /** What its songs have in common of the logarithm of their plays. */
  fame: number
}

export const GENRES = [
  'Pop',
  'Rock',
  'Hip-Hop',
  'Electronic',
  'Indie',
  'Folk',
  'Jazz',
  'Soul',
  'Latin',
  'Metal',
  'Classical',
  'Country',
  'R&B',
  'Ambient',
  'House',
  'Techno',
  'Punk',
  'Blues',
  'Reggae',
  'Disco',
  'Soundtrack',
  'K-Pop',
  'J-Pop',
  'Gospel',
] as const

const TONGUES = [...LATIN_TONGUES, ...OTHER_TONGUES]
const SHARES = TONGUES.reduce((sum, { share }) => sum + share, 0)

/** Names of a letter or two, or of signs alone: few, and the hardest to find. */
const SHORT_NAME = 0.004
const SIGNS = ['!!!', '???', '+/-', '(((', '***', '$$$', '%', '¿!'] as const
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZØÅÉ'

/** The acts of a seed by their number. Those asked for most are kept. */
export function createActs(seed: number): (number: number) => Act {
  const kept = new LRUCache<number, Act>({ max: 20_000 })
  return (number) => {
    const known = kept.get(number)
    if (known !== undefined) return known
    const act = createAct(seed, number)
    kept.set(number, act)
    return act
  }
}

function createAct(seed: number, number: number): Act {
  const random = createRandom(`${seed} act ${number}`)
  const tongue = pickTongue(random)
  const sourceKey = `act ${number}`
  return {
    id: derivedId('artist', `${sourceOf(seed)}:${sourceKey}`),
    sourceKey,
    tongue,
    name: random.chance(SHORT_NAME) ? shortName(random) : say(tongue, tongue.acts, random),
    genres: pickGenres(random),
    fame: halfOfLogarithm(random),
  }
}

function pickGenres(random: Random): [string, ...string[]] {
  const [main, other] = [random.pick(GENRES), random.pick(GENRES)]
  return random.chance(0.3) && other !== main ? [main, other] : [main]
}

/** Under which source the rows of a seed stand. */
export function sourceOf(seed: number): string {
  return `synthetic-${seed}`
}

function pickTongue(random: Random): Tongue {
  let left = random.next() * SHARES
  for (const tongue of TONGUES) {
    left -= tongue.share
    if (left < 0) return tongue
  }
  return TONGUES[0] as Tongue
}

function shortName(random: Random): string {
  if (random.chance(0.2)) return random.pick(SIGNS)
  const letter = (): string => LETTERS.charAt(Math.floor(random.next() * LETTERS.length))
  return letter() + (random.chance(0.5) ? letter() : String(Math.floor(random.next() * 100)))
}

/**
 * Half of what a normal variate squared is: two of them add up to an exponential one. That is the logarithm of plays which
 * follow Zipf's law, and the act's half is in all of its songs.
 */
export function halfOfLogarithm(random: Random): number {
  const radius = -2 * Math.log(1 - random.next())
  return (radius * Math.cos(2 * Math.PI * random.next()) ** 2) / 2
}
