import { type DemoAlbum, type DemoCatalogue, type DemoTrack, demoCatalogue } from './catalogue.ts'
import { createChance } from './chance.ts'
import { firstTracks } from './first-tracks.ts'
import { GENRES } from './genres.ts'
import { createIsrcRegister } from './isrc.ts'
import { clearTerritories, marketsOf } from './markets.ts'
import { composePlaylists } from './playlists.ts'
import { rankPopularity } from './popularity.ts'
import { type PlannedRelease, type PlannedTrack, planReleases } from './releases.ts'
import { memberOf, roster } from './roster.ts'
import { composeShows } from './shows.ts'
import { featuresOf } from './sound.ts'

/** The artist that artist@cadenza.example manages. */
const MANAGED_ARTIST = 'wren-halloway'

/** How many recordings have lost their rights everywhere. */
const WITHDRAWN = 5

/** Composes the whole demo catalogue from the hand-written lists, the same every time; throws a ZodError where they do
 * not fit its shape. */
export function composeCatalogue(): DemoCatalogue {
  const releases = planReleases()
  const albums = composeAlbums(releases)
  return demoCatalogue.parse({
    version: 1,
    managedArtist: MANAGED_ARTIST,
    firstTracks: [...firstTracks],
    genres: Object.entries(GENRES).map(([key, { name }]) => ({ key, name })),
    artists: [...roster.values()].map(({ key, act }) => ({
      key,
      name: act.name,
      genres: [...act.genres],
      country: act.country,
    })),
    albums,
    shows: composeShows(),
    playlists: composePlaylists(albums),
  } satisfies DemoCatalogue)
}

function composeAlbums(releases: readonly PlannedRelease[]): DemoAlbum[] {
  const territories = clearTerritories(
    releases.map(({ key, country, tracks }) => ({
      releaseKey: key,
      country,
      trackCount: tracks.length,
      isProtected: tracks.some((track) => firstTracks.includes(track.key)),
    })),
  )
  const popularity = rankPopularity(
    releases.flatMap(({ releaseDate, tracks }) =>
      tracks.map(({ key, isHit, artists }) => ({
        trackKey: key,
        fame: memberOf(artists[0]).act.fame,
        isHit,
        releaseDate,
      })),
    ),
  )
  const withdrawn = chooseWithdrawn(releases)
  const isrcOf = createIsrcRegister()

  const trackOf = (release: PlannedRelease, track: PlannedTrack): DemoTrack => {
    const { act, sound } = memberOf(track.artists[0])
    const territory = territories.get(release.key) ?? 'world'
    return {
      key: track.key,
      title: track.title,
      discNumber: track.discNumber,
      trackNumber: track.trackNumber,
      durationMs: durationOf(track),
      explicit: track.isExplicit,
      isrc: isrcOf(track.key, act.country, release.releaseDate),
      artists: [...track.artists],
      genres: act.genres.slice(0, createChance(`genres ${track.key}`).next() < 0.6 ? 1 : 2),
      markets: withdrawn.has(track.key) ? [] : marketsOf(territory, release.key, release.country),
      popularity: popularity.get(track.key) ?? 0,
      features: featuresOf(sound, track.title, track.isInstrumental),
    }
  }
  return releases.map((release) => ({
    key: release.key,
    title: release.title,
    kind: release.kind,
    releaseDate: release.releaseDate,
    artists: [...release.artists],
    tracks: release.tracks.map((track) => trackOf(release, track)),
  }))
}

/** Old recordings that nobody asks for: the ones whose contracts run out unnoticed. */
function chooseWithdrawn(releases: readonly PlannedRelease[]): Set<string> {
  const candidates = releases
    .filter(({ releaseDate }) => releaseDate < '2016')
    .flatMap(({ tracks }) => tracks.filter(({ key, isHit }) => !isHit && !firstTracks.includes(key)))
    .map(({ key }) => ({ key, lot: createChance(`withdrawn ${key}`).next() }))
    .sort((one, other) => one.lot - other.lot)
  return new Set(candidates.slice(0, WITHDRAWN).map(({ key }) => key))
}

/** Length in milliseconds: 40 to 90 s, the first tracks under a minute, the small pieces near the lower end. */
function durationOf({ key, title }: PlannedTrack): number {
  const chance = createChance(`duration ${key}`)
  if (firstTracks.includes(key)) return Math.floor(chance.between(44_000, 59_500))
  if (/interlude|skit|reprise|outro/i.test(title)) return Math.floor(chance.between(40_100, 47_000))
  return Math.floor(41_000 + 24_000 * (chance.next() + chance.next()))
}
