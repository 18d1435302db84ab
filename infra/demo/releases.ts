import type { MarkedSong, ReleaseKind, Song } from './act.ts'
import { compilations } from './discography/compilations.ts'
import { releaseDateOf } from './release-date.ts'
import { memberOf, roster } from './roster.ts'
import { slugOf } from './slug.ts'

/** A recording with its place on a release, before it is given a sound and a market. */
export interface PlannedTrack {
  key: string
  title: string
  discNumber: number
  trackNumber: number
  isHit: boolean
  isExplicit: boolean
  isInstrumental: boolean
  /** The main artist first. */
  artists: readonly [string, ...string[]]
}

export interface PlannedRelease {
  key: string
  title: string
  kind: ReleaseKind
  releaseDate: string
  artists: readonly string[]
  /** Home of the artist, or of the first one of several. */
  country: string
  tracks: readonly PlannedTrack[]
}

interface Sleeve {
  key: string
  title: string
  kind: ReleaseKind
  out: string
  isInstrumental?: boolean
  discs: readonly (readonly (MarkedSong & { by: string })[])[]
}

/** What a title says when it is a version without the voice. */
const INSTRUMENTAL = /\((instrumental|inst\.|dub|night mode|solo piano)/i

/** Every release of every artist, then the compilations of several. */
export function planReleases(): PlannedRelease[] {
  const own = [...roster.values()].flatMap(({ key, act }) =>
    act.releases.map((release) => ({
      ...release,
      key: `${key}-${slugOf(release.title) ?? release.out.slice(0, 4)}`,
      discs: release.discs.map((songs) => songs.map((song) => ({ by: key, ...marked(song) }))),
    })),
  )
  const shared = compilations.map(({ title, out, songs }) => ({
    key: `various-${slugOf(title)}`,
    title,
    kind: 'COMPILATION' as const,
    out,
    discs: [songs],
  }))
  return [...own, ...shared].map(planRelease)
}

function planRelease({ key, title, kind, out, discs, isInstrumental = false }: Sleeve): PlannedRelease {
  const artists = [...new Set(discs.flat().map(({ by }) => by))]
  let position = 0
  const tracks = discs.flatMap((songs, disc) =>
    songs.map((song, index): PlannedTrack => {
      position++
      const guests = (song.feat ?? []).map((guest) => memberOf(guest).act.name)
      const slug = slugOf(song.title)
      return {
        // A title in another script takes its release's key and its place on it.
        key: slug === null ? `${key}-${position}` : `${song.by}-${slug}`,
        title: guests.length === 0 ? song.title : `${song.title} (feat. ${guests.join(' & ')})`,
        discNumber: disc + 1,
        trackNumber: index + 1,
        isHit: song.isHit ?? false,
        isExplicit: song.isExplicit ?? false,
        isInstrumental: isInstrumental || INSTRUMENTAL.test(song.title),
        artists: [song.by, ...(song.feat ?? [])],
      }
    }),
  )
  const country = memberOf(artists[0] ?? '').act.country
  return { key, title, kind, releaseDate: releaseDateOf(key, out), artists, country, tracks }
}

function marked(song: Song): MarkedSong {
  return typeof song === 'string' ? { title: song } : song
}
