import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import { announce } from './announcements.ts'
import type { CatalogueDraft, WrittenRow } from './drafts.ts'
import { writeLyrics } from './lyrics.ts'
import { findDependents, indexChanges } from './search/documents.ts'
import { announceStale, findHolders } from './stale-rows.ts'
import { lockCatalogue, settleTakedowns } from './takedown-effects.ts'
import { withoutUnchanged } from './unchanged.ts'
import { creditAlbums, rankAlbums, writeAlbums } from './write-albums.ts'
import { rankArtists, writeArtists, writeGenres } from './write-artists.ts'
import { writeEpisodes, writeShows } from './write-podcasts.ts'
import { touchTracks, writeTracks } from './write-tracks.ts'

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
export async function writeDraft(tx: Prisma.TransactionClient, said: CatalogueDraft): Promise<WrittenRow[]> {
  await lockCatalogue(tx)
  const draft = await withoutUnchanged(tx, said)
  const { source } = draft
  const genres = await writeGenres(tx, source, draft.genres)
  const artists = await writeArtists(tx, source, draft.artists)
  const albums = await writeAlbums(tx, source, draft.albums)
  const creditedAlbums = await creditAlbums(tx, draft.albumCredits)
  const tracks = await writeTracks(tx, source, draft.tracks)
  const shows = await writeShows(tx, source, draft.shows)
  const episodes = await writeEpisodes(tx, source, draft.episodes)

  // What comes to an album or a show that was taken down is down with it.
  await settleTakedowns(tx, { trackIds: idsOf(tracks.rows), episodeIds: idsOf(episodes) })
  const sung = await writeLyrics(tx, draft.lyrics ?? [])

  const written = idsOf(tracks.rows)
  const renamed = { artistIds: changedIdsOf(artists), genreIds: changedIdsOf(genres) }
  const trackIds = [...written, ...(await touchTracks(tx, { ...renamed, trackIds: sung }, written))]
  const rankedAlbums = await rankAlbums(tx, tracks.albumIds)
  const rankedArtists = await rankArtists(tx, tracks.artistIds)
  const dependents = await findDependents(tx, {
    artistIds: renamed.artistIds,
    albumIds: changedIdsOf(albums),
    showIds: changedIdsOf(shows),
  })

  await indexChanges(tx, {
    artistIds: unique(idsOf(artists), rankedArtists),
    albumIds: unique(idsOf(albums), creditedAlbums, rankedAlbums, dependents.albumIds),
    trackIds: unique(trackIds, dependents.trackIds),
    showIds: idsOf(shows),
    episodeIds: unique(idsOf(episodes), dependents.episodeIds),
  })
  await announce(tx, { artistIds: idsOf(artists), trackIds, episodeIds: idsOf(episodes) })
  const credits = draft.albumCredits.filter(({ albumId }) => creditedAlbums.includes(albumId))
  const holders = await findHolders(tx, { albumIds: changedIdsOf(albums), genreIds: renamed.genreIds })
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
      [...dependents.albumIds, ...dependents.trackIds, ...holders],
      [...creditedAlbums, ...credits.map(({ artistId }) => artistId)],
      episodes.flatMap(({ showId, formerShowId }) => [showId, formerShowId ?? showId]),
    ),
  )
  return tracks.rows
}

function idsOf(rows: readonly WrittenRow[]): string[] {
  return rows.map((row) => row.id)
}

function changedIdsOf(rows: readonly WrittenRow[]): string[] {
  return rows.filter((row) => !row.isNew).map((row) => row.id)
}

function unique(...lists: readonly string[][]): string[] {
  return [...new Set(lists.flat())]
}
