import { readPage } from '#shared/connection.ts'
import { AppError } from '#shared/errors.ts'
import type { Identity } from '#shared/identity.ts'
import type { DownloadUrls } from '../services/download-url.ts'
import { exportPath } from './artist-export.ts'
import { firstDay } from './days.ts'

/** The last days of an artist: today (UTC) and those before. */
export interface ArtistWindow {
  artistId: string
  days: number
  /** The first of them, YYYY-MM-DD. */
  since: string
  /** Where all of it is had as CSV: opens for a while, for whoever has it. */
  csvUrl: string
}

export interface ArtistAnalytics {
  /** Null for all but those who manage the artist and ADMIN; BAD_USER_INPUT for a number of days that is not from 1 to 365. */
  open(identity: Identity, artistId: string, days: number, now: number): ArtistWindow | null
}

const MOST_DAYS = 365

export function createArtistAnalytics(urls: DownloadUrls): ArtistAnalytics {
  return {
    open({ role, artists }, artistId, days, now) {
      if (role !== 'ADMIN' && !artists.includes(artistId)) return null
      if (days < 1 || days > MOST_DAYS)
        throw new AppError('BAD_USER_INPUT', `days must be from 1 to ${MOST_DAYS}, not ${days}`)
      return {
        artistId,
        days,
        since: firstDay(days, now),
        csvUrl: urls.sign(exportPath(artistId, days), now),
      }
    },
  }
}

/** The first of a list that is sorted by plays: 1-100, 20 if left out. */
export function topOf<Row>(rows: readonly Row[], first: number | null | undefined): Row[] {
  return rows.slice(0, readPage({ first }).first)
}
