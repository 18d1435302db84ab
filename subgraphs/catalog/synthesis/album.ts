import { derivedId } from '#shared/id.ts'
import { createRandom, type Random } from '../audio/music/random.ts'
import type { Features } from '../models.ts'
import { type Act, createActs, halfOfLogarithm, sourceOf } from './acts.ts'
import { say } from './tongue.ts'

export interface SyntheticTrack {
  id: string
  sourceKey: string
  title: string
  /** The album's act first, then a guest. */
  acts: readonly [Act, ...Act[]]
  trackNumber: number
  durationMs: number
  explicit: boolean
  popularity: number
  /** null: everywhere. */
  markets: readonly string[] | null
  features: Features
}

export interface SyntheticAlbum {
  id: string
  sourceKey: string
  title: string
  kind: 'ALBUM' | 'COMPILATION'
  releaseDate: string
  act: Act
  popularity: number
  tracks: readonly SyntheticTrack[]
}

const TRACKS = { least: 8, most: 14 }
/** New acts by album: every fifth album is another one of somebody, and so are half of the rest. */
const DEBUTS = 0.85
const OWN_DEBUT = 0.4
const REISSUE = 0.05
const GUEST = 0.1
const VERSION = 0.1
/** A song played a million times as often as the least played one is at 100. */
const POINTS = 100 / Math.log(1_000_000)

const VERSIONS = [
  'Remastered 2011',
  'Live',
  'Radio Edit',
  'Acoustic',
  'Remix',
  'Instrumental',
  'Demo',
] as const
const MARKETS = [
  'AT',
  'BR',
  'CA',
  'DE',
  'ES',
  'FR',
  'GB',
  'IN',
  'JP',
  'KR',
  'MX',
  'NO',
  'PL',
  'SE',
  'US',
] as const

/** Any album of a seed by its number: an album depends on its number alone, however many are made. */
export function createAlbums(seed: number): (number: number) => SyntheticAlbum {
  const actOf = createActs(seed)
  const idOf = (kind: string, sourceKey: string): string => derivedId(kind, `${sourceOf(seed)}:${sourceKey}`)

  /** What a later reissue brings out again. */
  function outlineOf(number: number) {
    const random = createRandom(`${seed} album ${number}`)
    const known = actsUpTo(number)
    const isDebut = known > actsUpTo(number - 1) && random.chance(OWN_DEBUT)
    const act = actOf(isDebut ? known - 1 : pickKnown(known, random))
    const size = trackCount(seed, number)
    const titles = Array.from({ length: size }, () => say(act.tongue, act.tongue.titles, random))
    const title = random.chance(0.4) ? (titles[0] ?? '') : say(act.tongue, act.tongue.titles, random)
    return { act, title, titles, random }
  }

  return (number) => {
    const own = outlineOf(number)
    const { random } = own
    const isReissue = number > 0 && random.chance(REISSUE)
    const said = isReissue ? outlineOf(Math.floor(random.next() * number)) : own
    const { act } = said
    const sourceKey = `album ${number}`
    const tracks = own.titles.map((title, place): SyntheticTrack => {
      const guest = random.chance(GUEST) ? actOf(pickKnown(actsUpTo(number), random)) : act
      const isGuest = guest !== act && guest.tongue === act.tongue
      const plain = isReissue ? (said.titles[place] ?? title) : title
      const key = `${sourceKey} track ${place + 1}`
      return {
        id: idOf('track', key),
        sourceKey: key,
        title: entitle(plain, isGuest ? guest.name : null, random),
        acts: isGuest ? [act, guest] : [act],
        trackNumber: place + 1,
        durationMs: Math.round(90_000 + 240_000 * (random.next() + random.next()) * 0.6),
        explicit: random.chance(0.08),
        popularity: Math.min(100, Math.floor(POINTS * (act.fame + halfOfLogarithm(random)))),
        markets: random.chance(0.05) ? MARKETS.filter(() => random.chance(0.5)) : null,
        features: createFeatures(random),
      }
    })
    return {
      id: idOf('album', sourceKey),
      sourceKey,
      title: isReissue ? `${said.title} (Deluxe Edition)` : own.title,
      kind: random.chance(0.03) ? 'COMPILATION' : 'ALBUM',
      releaseDate: createDate(random),
      act,
      popularity: Math.max(...tracks.map(({ popularity }) => popularity)),
      tracks,
    }
  }
}

/** How many tracks an album has: known without making it. */
export function trackCount(seed: number, number: number): number {
  let mixed = Math.imul(number + 1, 2_654_435_761) ^ Math.imul(seed + 1, 2_246_822_519)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 2_246_822_519)
  return TRACKS.least + (((mixed ^ (mixed >>> 13)) >>> 0) % (TRACKS.most - TRACKS.least + 1))
}

/** How many acts there are when this album comes out; none before the first one. */
export function actsUpTo(album: number): number {
  return album < 0 ? 0 : Math.floor(album * DEBUTS) + 1
}

/** The acts that were there first have the most albums. */
function pickKnown(count: number, random: Random): number {
  return Math.floor(count * random.next() ** 2)
}

function entitle(title: string, guest: string | null, random: Random): string {
  const song = guest === null ? title : `${title} (feat. ${guest})`
  return random.chance(VERSION) ? `${song} - ${random.pick(VERSIONS)}` : song
}

/** Most music is new. */
function createDate(random: Random): string {
  const days = Math.floor((1 - random.next() ** 3) * 24_000)
  return new Date(Date.UTC(1_960, 0, 1) + days * 86_400_000).toISOString().slice(0, 10)
}

function createFeatures(random: Random): Features {
  const share = (): number => Math.round(random.next() * 1_000) / 1_000
  return {
    tempo: Math.round(60_000 + random.next() * 120_000) / 1_000,
    key: Math.floor(random.next() * 12),
    mode: random.chance(0.6) ? 1 : 0,
    energy: share(),
    danceability: share(),
    valence: share(),
    acousticness: share(),
    instrumentalness: share(),
    loudness: -Math.round(random.next() * 20_000) / 1_000,
    speechiness: share(),
  }
}
