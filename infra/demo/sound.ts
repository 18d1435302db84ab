import type { DemoFeatures } from './catalogue.ts'
import { type Chance, createChance } from './chance.ts'
import { GENRES, type GenreKey, type GenreSound } from './genres.ts'

/** What one artist's records have in common: a genre's sound moved a little, and a home key. */
export interface ArtistSound extends Omit<GenreSound, 'name' | 'tempo'> {
  artistKey: string
  tempo: number
  tempoRange: readonly [slowest: number, fastest: number]
  /** Pitch class the songs circle around, 0 = C. */
  tonic: number
}

/** Steps from the home key, by how often a song takes them: mostly none, then along the circle of fifths. */
const STEPS = [0, 0, 0, 7, 7, 5, 5, 2, 10, 9, 4] as const
const RELATIVE_MINOR = 9

export function artistSoundOf(
  artistKey: string,
  [main, second]: readonly [GenreKey, ...GenreKey[]],
): ArtistSound {
  const chance = createChance(`artist ${artistKey}`)
  const home: GenreSound = GENRES[main]
  const visit: GenreSound = GENRES[second ?? main]
  const mix = (read: (genre: GenreSound) => number): number => 0.78 * read(home) + 0.22 * read(visit)
  const intensity = chance.bell()
  const [slowest, fastest] = home.tempo
  const instrumental = mix((genre) => genre.instrumentalness)
  return {
    artistKey,
    tempoRange: home.tempo,
    tempo: (slowest + fastest) / 2 + (fastest - slowest) * 0.5 * chance.bell(),
    tonic: Math.floor(chance.between(0, 12)),
    minor: mix((genre) => genre.minor) + 0.3 * chance.bell(),
    energy: mix((genre) => genre.energy) + 0.2 * intensity,
    acousticness: mix((genre) => genre.acousticness) - 0.2 * intensity + 0.12 * chance.bell(),
    danceability: mix((genre) => genre.danceability) + 0.14 * chance.bell(),
    valence: mix((genre) => genre.valence) + 0.22 * chance.bell(),
    // Genres in the middle hold singers and players: push each artist to one side or the other.
    instrumentalness: instrumental + 1.1 * instrumental * (1 - instrumental) * chance.bell(),
    speechiness: mix((genre) => genre.speechiness) * (1 + 0.5 * chance.bell()),
  }
}

/** The features of a song by title; versions of one song ("(Live)", "(Demo)") share its tempo, key and mode. */
export function featuresOf(sound: ArtistSound, title: string, isInstrumental = false): DemoFeatures {
  const song = createChance(`song ${sound.artistKey} ${title.replace(/ \(.*$/, '')}`)
  const take = createChance(`take ${sound.artistKey} ${title}`)
  const isMinor = song.next() < sound.minor
  const step = song.pick(STEPS) + (isMinor ? RELATIVE_MINOR : 0)
  const intensity = song.bell()
  const version = versionOf(title)
  const energy = limit(sound.energy + 0.3 * intensity + 0.06 * take.bell() + version.energy, 0.02, 0.98)
  return {
    tempo: round(tempoOf(sound, song, intensity), 1),
    key: (sound.tonic + step) % 12,
    mode: isMinor ? 0 : 1,
    energy,
    danceability: limit(sound.danceability + 0.22 * song.bell() + version.energy / 3, 0.08, 0.97),
    valence: limit(
      sound.valence + 0.34 * song.bell() + 0.1 * intensity + (isMinor ? -0.05 : 0.04),
      0.03,
      0.97,
    ),
    acousticness: limit(
      sound.acousticness - 0.26 * intensity + 0.12 * take.bell() + version.acousticness,
      0.002,
      0.995,
    ),
    instrumentalness: limit(
      isInstrumental ? 0.88 + 0.1 * take.bell() : sound.instrumentalness * (1 + 0.3 * take.bell()),
      0,
      0.98,
    ),
    // Louder as it gets livelier, with the bend that mastering gives: 0.1 is about -26 dB, 0.5 -13, 0.9 -7.
    loudness: round(Math.min(-3, -30 + 44 * energy - 20 * energy * energy + 2.4 * take.bell()), 2),
    speechiness: version.isSpoken
      ? round(0.6 + 0.2 * take.bell(), 3)
      : limit(sound.speechiness * (1 + 0.6 * take.bell()), 0.022, 0.6),
  }
}

function tempoOf(
  { tempo, tempoRange: [slowest, fastest] }: ArtistSound,
  song: Chance,
  intensity: number,
): number {
  const drift = (fastest - slowest) * (0.4 * song.bell() + 0.16 * intensity)
  return Math.min(fastest, Math.max(slowest, tempo + drift))
}

/** What the words in brackets after a title say about the recording. */
function versionOf(title: string) {
  const isUnplugged = /\((acoustic|demo|solo piano|voz e violão|boathouse session)/i.test(title)
  const isSmall = /reprise|interlude|skit|outro/i.test(title)
  const isLive = /\(live/i.test(title)
  return {
    energy: isUnplugged ? -0.2 : isSmall ? -0.14 : isLive ? 0.06 : 0,
    acousticness: isUnplugged ? 0.3 : isSmall ? 0.1 : 0,
    isSpoken: /skit|interlude/i.test(title) && !/métro/i.test(title),
  }
}

function limit(value: number, lowest: number, highest: number): number {
  return round(Math.min(highest, Math.max(lowest, value)), 3)
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
