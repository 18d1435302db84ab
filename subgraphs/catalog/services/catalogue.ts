import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import { announce } from './announcements.ts'
import type { CatalogueDraft, WrittenRow } from './drafts.ts'
import { writeLyrics } from './lyrics.ts'
import { findDependents, indexChanges } from './search/documents.ts'
import { announceStale, findHolders } from './stale-rows.ts'
import { findListers, lockCatalogue, settleTakedowns } from './takedown-effects.ts'
import { withoutUnchanged } from './unchanged.ts'
import { readmit, settleHolders, type TouchedHolders } from './withdrawals.ts'
import { creditAlbums, rankAlbums, writeAlbums } from './write-albums.ts'
import { rankArtists, writeArtists, writeGenres } from './write-artists.ts'
import { writeEpisodes, writeShows } from './write-podcasts.ts'
import { touchTracks, type WrittenTrack, writeTracks } from './write-tracks.ts'

export interface Catalogue {
  /**
   * Brings the catalogue to what one source says, in one transaction with its search rows and events. What says the same as
   * before is left alone. Returns the tracks that were written.
   */
  write(draft: CatalogueDraft): Promise<WrittenRow[]>
  /** Tells PostgreSQL how much there is now: after many writes, before its own turn to look. */
  analyze(): Promise<void>
}

export function createCatalogue(db: PrismaClient): Catalogue {
  return {
    write: (draft) => db.$transaction((tx) => writeDraft(tx, draft), { timeout: 60_000, maxWait: 10_000 }),
    async analyze() {
      await db.$executeRaw`ANALYZE artist, album, track, track_artist, album_artist, search_document`
    },
  }
}

/** `Catalogue.write` as a part of a transaction, in which nothing may have been written without the catalogue's lock. */
export async function writeDraft(
  tx: Prisma.TransactionClient,
  said: CatalogueDraft,
): Promise<WrittenTrack[]> {
  await lockCatalogue(tx)
  const draft = await withoutUnchanged(tx, said)
  const { source } = draft
  const genres = await writeGenres(tx, source, draft.genres)
  const artists = await writeArtists(tx, source, draft.artists)
  const { rows: albums, formerArtistIds } = await writeAlbums(tx, source, draft.albums)
  const creditedAlbums = await creditAlbums(tx, draft.albumCredits)
  const tracks = await writeTracks(tx, source, draft.tracks)
  const shows = await writeShows(tx, source, draft.shows)
  const episodes = await writeEpisodes(tx, source, draft.episodes)

  const written = idsOf(tracks.rows)
  const back = await readmit(tx, idsOf(said.tracks))
  const artistsOfAlbums = [...draft.albums.flatMap(({ artistIds = [] }) => artistIds), ...formerArtistIds]
  const holders = await settleHolders(tx, {
    gained: holdersOf(said, new Set([...written, ...back])),
    lost: [...tracks.formerIds, ...formerArtistIds],
  })
  // What comes to an album or a show that was taken down is down with it.
  await settleTakedowns(tx, {
    trackIds: unique(written, back),
    albumIds: [...holders.shown, ...holders.hidden],
    episodeIds: idsOf(episodes),
  })
  const sung = await writeLyrics(tx, draft.lyrics ?? [])

  const renamed = { artistIds: changedIdsOf(artists), genreIds: changedIdsOf(genres) }
  const touched = await touchTracks(tx, { ...renamed, trackIds: sung }, [...written, ...back])
  const trackIds = unique(written, back, touched)
  const rankedAlbums = await rankAlbums(tx, tracks.albumIds)
  const rankedArtists = await rankArtists(tx, tracks.artistIds)
  const dependents = await findDependents(tx, {
    artistIds: renamed.artistIds,
    albumIds: changedIdsOf(albums),
    showIds: changedIdsOf(shows),
  })

  await indexChanges(tx, {
    artistIds: unique(idsOf(artists), rankedArtists, holders.shown),
    albumIds: unique(idsOf(albums), creditedAlbums, rankedAlbums, dependents.albumIds, holders.shown),
    trackIds: unique(trackIds, dependents.trackIds),
    showIds: idsOf(shows),
    episodeIds: unique(idsOf(episodes), dependents.episodeIds),
  })
  await announce(tx, { artistIds: idsOf(artists), trackIds, episodeIds: idsOf(episodes) })
  const credits = draft.albumCredits.filter(({ albumId }) => creditedAlbums.includes(albumId))
  const listers = await findHolders(tx, { albumIds: changedIdsOf(albums), genreIds: renamed.genreIds })
  const listersAgain = await findListers(tx, {
    trackIds: back,
    albumIds: [...holders.shown, ...holders.hidden],
    showIds: [],
    episodeIds: [],
  })
  await announceStale(
    tx,
    unique(
      [
        ...idsOf(genres),
        ...idsOf(artists),
        ...idsOf(albums),
        ...trackIds,
        ...idsOf(shows),
        ...idsOf(episodes),
      ],
      [...tracks.albumIds, ...tracks.artistIds, ...tracks.genreIds],
      [...dependents.albumIds, ...dependents.trackIds, ...listers],
      [...creditedAlbums, ...credits.map(({ artistId }) => artistId), ...artistsOfAlbums],
      [...holders.shown, ...holders.hidden, ...listersAgain],
      episodes.flatMap(({ showId, formerShowId }) => [showId, formerShowId ?? showId]),
    ),
  )
  return tracks.rows
}

/** The albums of these tracks, and the artists and genres of them and of the albums that a draft names. */
function holdersOf(
  { tracks, albums, albumCredits }: CatalogueDraft,
  trackIds: ReadonlySet<string>,
): TouchedHolders['gained'] {
  const held = tracks.filter(({ id }) => trackIds.has(id))
  return {
    albumIds: held.flatMap(({ albumId }) => albumId ?? []),
    others: unique(
      held.flatMap(({ artistIds, genreIds }) => [...artistIds, ...genreIds]),
      albums.flatMap(({ artistIds = [] }) => artistIds),
      albumCredits.map(({ artistId }) => artistId),
    ),
  }
}

function idsOf(rows: readonly { id: string }[]): string[] {
  return rows.map((row) => row.id)
}

function changedIdsOf(rows: readonly WrittenRow[]): string[] {
  return rows.filter((row) => !row.isNew).map((row) => row.id)
}

function unique(...lists: readonly string[][]): string[] {
  return [...new Set(lists.flat())]
}
