import type { DemoAlbum, DemoPlaylist, DemoTrack } from './catalogue.ts'
import { createChance } from './chance.ts'
import { memberOf } from './roster.ts'

/** A track with what its listeners know about it. */
interface Candidate extends DemoTrack {
  releaseDate: string
  /** Home of the main artist. */
  country: string
}

/** A playlist as its owner would describe it. */
interface PlaylistPlan extends Omit<DemoPlaylist, 'tracks'> {
  size: number
  /** How many of one artist its owner bears; two unless said. */
  perArtist?: number
  suits(candidate: Candidate): boolean
}

const NORDIC = ['SE', 'NO', 'DK', 'FI', 'IS']

const isOf =
  (...genres: readonly string[]) =>
  (candidate: Candidate): boolean =>
    genres.includes(candidate.genres[0] ?? '')

const shared = { visibility: 'PUBLIC', collaborative: false } as const
const hidden = { visibility: 'PRIVATE', collaborative: false } as const

const plans: readonly PlaylistPlan[] = [
  {
    ...shared,
    key: 'sunday-morning-slowly',
    name: 'Sunday Morning, Slowly',
    description: 'Coffee first. Folk, soul and small-room jazz until someone says lunch.',
    owner: 'premium',
    size: 28,
    suits: (it) =>
      isOf('folk', 'soul', 'jazz', 'americana')(it) && it.features.acousticness > 0.45 && !it.explicit,
  },
  {
    ...shared,
    key: 'deep-work',
    name: 'Deep Work',
    description: 'No words, no surprises. Two tabs open at most.',
    owner: 'premium',
    size: 36,
    perArtist: 3,
    suits: (it) => it.features.instrumentalness > 0.7 && it.features.energy < 0.45,
  },
  {
    ...shared,
    key: 'kitchen-disco',
    name: 'Kitchen Disco',
    description: 'For socks on tiles.',
    owner: 'premium',
    size: 32,
    suits: (it) =>
      isOf('house', 'pop', 'city-pop', 'afrobeats', 'soul')(it) && it.features.danceability > 0.66,
  },
  {
    ...shared,
    key: 'love-songs-mostly',
    name: 'Love Songs, Mostly',
    description: 'It says so on the label.',
    owner: 'free',
    size: 24,
    suits: (it) => /\blove\b/i.test(it.title),
  },
  {
    ...shared,
    key: 'night-drive',
    name: 'Night Drive',
    description: 'Ring road, windows up, nobody asking where we are going.',
    owner: 'free',
    size: 30,
    suits: (it) => isOf('city-pop', 'electronic', 'r-and-b')(it) && it.features.energy > 0.4,
  },
  {
    ...shared,
    key: 'couch-to-corner-shop',
    name: 'Couch to Corner Shop',
    description: 'Running music for people who do not run.',
    owner: 'free',
    size: 24,
    suits: (it) => it.features.energy > 0.72 && it.features.tempo >= 118,
  },
  {
    ...shared,
    key: 'nordiskt',
    name: 'Nordiskt',
    description: 'Allt från Malmö till Reykjavík. Tar emot tips.',
    owner: 'premium',
    size: 26,
    perArtist: 4,
    suits: (it) => NORDIC.includes(it.country),
  },
  {
    ...shared,
    key: 'rain-on-the-window-seat',
    name: 'Rain on the Window Seat',
    description: 'Minor keys and condensation.',
    owner: 'free',
    size: 26,
    suits: (it) => it.features.mode === 0 && it.features.valence < 0.42 && it.features.energy < 0.5,
  },
  {
    ...shared,
    key: 'sobremesa',
    name: 'Sobremesa',
    description: 'La cuenta puede esperar.',
    owner: 'free',
    size: 22,
    suits: (it) => it.genres.includes('latin'),
  },
  {
    ...shared,
    key: 'flat-4b-living-room',
    name: 'Flat 4B Living Room',
    description: 'House rule: add two, skip none.',
    owner: 'premium',
    collaborative: true,
    size: 36,
    suits: (it) => it.popularity >= 25 && it.features.energy > 0.35,
  },
  {
    ...hidden,
    key: 'songs-i-would-never-admit-to',
    name: 'Songs I Would Never Admit To',
    description: 'If you can read this, give me my phone back.',
    owner: 'premium',
    size: 18,
    suits: (it) => isOf('pop', 'city-pop')(it) && it.features.valence > 0.42,
  },
  {
    ...hidden,
    key: 'to-sort-later',
    name: 'to sort later',
    description: 'since March',
    owner: 'free',
    size: 14,
    suits: (it) => it.popularity < 40,
  },
  {
    ...shared,
    key: 'tour-van-front-seat',
    name: 'Tour Van, Front Seat',
    description: 'Whoever navigates picks. Wren navigates.',
    owner: 'artist',
    size: 24,
    suits: (it) =>
      isOf('indie-pop', 'indie-rock', 'folk', 'americana')(it) && !it.artists.includes('wren-halloway'),
  },
  {
    ...shared,
    key: 'before-doors',
    name: 'Before Doors',
    description: 'What plays in the room before we come on.',
    owner: 'artist',
    size: 16,
    suits: (it) => isOf('soul', 'jazz', 'ambient', 'classical')(it) && it.features.valence > 0.25,
  },
  {
    ...shared,
    key: 'new-this-autumn',
    name: 'New This Autumn',
    description: 'Out since August, still on repeat.',
    owner: 'premium',
    size: 20,
    suits: (it) => it.releaseDate >= '2026-08',
  },
]

/** The demo playlists, filled with the best known of the tracks that suit them. */
export function composePlaylists(albums: readonly DemoAlbum[]): DemoPlaylist[] {
  const candidates = albums.flatMap(({ releaseDate, tracks }) =>
    tracks
      .filter(({ markets }) => markets.length > 0)
      .map(
        (track): Candidate => ({
          ...track,
          releaseDate,
          country: memberOf(track.artists[0] ?? '').act.country,
        }),
      ),
  )
  return plans.map(({ size, perArtist = 2, suits, ...playlist }) => ({
    ...playlist,
    tracks: chooseTracks(candidates.filter(suits), playlist.key, size, perArtist),
  }))
}

function chooseTracks(
  candidates: readonly Candidate[],
  playlistKey: string,
  size: number,
  perArtist: number,
): string[] {
  const chance = createChance(`playlist ${playlistKey}`)
  const fondness = candidates
    .map((track) => ({ track, fondness: track.popularity / 60 + chance.next(), place: chance.next() }))
    .sort((one, other) => other.fondness - one.fondness)
  const songsOf = new Map<string, Set<string>>()
  const chosen = fondness.filter(({ track: { artists, title } }) => {
    const artist = artists[0] ?? ''
    const songs = songsOf.get(artist) ?? new Set()
    // A live take beside its studio take would be the same song twice.
    const song = title.replace(/ \(.*$/, '')
    if (songs.size === perArtist || songs.has(song)) return false
    songsOf.set(artist, songs.add(song))
    return true
  })
  return chosen
    .slice(0, size)
    .sort((one, other) => one.place - other.place)
    .map(({ track }) => track.key)
}
