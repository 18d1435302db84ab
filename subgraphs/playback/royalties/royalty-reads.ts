import { LRUCache } from 'lru-cache'
import type { Connection } from '#shared/connection.ts'
import type { Identity } from '#shared/identity.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { DownloadUrls } from '../services/download-url.ts'
import { type ArtistMonth, type LedgerEntry, pageOfEntries, readArtistMonth } from './artist-royalties.ts'
import { type CreditRow, type JudgedPlay, pageOfPlays, pageOfRecordings } from './explanation.ts'
import { readMonth } from './month.ts'
import {
  type PageArgs,
  type PayoutRow,
  pageOfPayouts,
  readPayout,
  readRejections,
  readStatement,
  type Statement,
} from './statement.ts'
import { statementPath } from './statement-download.ts'
import type { RoyaltyTerms } from './terms.ts'

interface MonthAsked {
  month: string
  /** As it was corrected last, not as it was closed. */
  corrected?: boolean | null | undefined
}

/** What royalties tell: statements and payouts to ADMIN, an artist's months to who manages them; null to everybody else. */
export interface RoyaltyReads {
  statement(identity: Identity, asked: MonthAsked): Promise<Statement | null>
  payout(identity: Identity, asked: MonthAsked & { rightsHolderId: string }): Promise<PayoutRow | null>
  ofArtist(identity: Identity, asked: { artistId: string; month: string }): Promise<ArtistMonth | null>
  rejections(statement: Statement): Promise<{ reason: string; count: number }[]>
  payouts(statement: Statement, args: PageArgs): Promise<Connection<PayoutRow> & { totalCount: number }>
  recordings(payout: PayoutRow, args: PageArgs): Promise<Connection<CreditRow>>
  plays(recording: CreditRow, args: PageArgs): Promise<Connection<JudgedPlay>>
  entries(royalties: ArtistMonth, args: PageArgs): Promise<Connection<LedgerEntry>>
  /** Where the statement is, as a document, for a while. */
  url(statement: Statement, form: 'csv' | 'html'): string
}

/** An open month is judged whole for each artist who asks: as often as this it is judged anew. */
const OPEN_MONTH_MS = 15_000

export function createRoyaltyReads(
  db: PrismaClient,
  terms: RoyaltyTerms,
  urls: DownloadUrls,
  now: () => number,
): RoyaltyReads {
  const recent = new LRUCache<string, Promise<ArtistMonth | null>>({ max: 500, ttl: OPEN_MONTH_MS })

  const statement = async ({ month, corrected }: MonthAsked): Promise<Statement | null> =>
    readStatement(db, readMonth(month), corrected === true ? null : 0)

  return {
    statement: async (identity, asked) => (identity.role === 'ADMIN' ? statement(asked) : null),
    async payout(identity, { rightsHolderId, ...asked }) {
      const of = identity.role === 'ADMIN' ? await statement(asked) : null
      return of && readPayout(db, of, rightsHolderId)
    },
    async ofArtist(identity, { artistId, month }) {
      if (identity.role !== 'ADMIN' && !identity.artists.includes(artistId)) return null
      const key = `${artistId} ${month}`
      const known = recent.get(key)
      if (known !== undefined) return known
      const read = readArtistMonth(db, terms, { artistId, month: readMonth(month) })
      recent.set(key, read)
      read.catch(() => recent.delete(key))
      return read
    },
    rejections: (of) => readRejections(db, of),
    payouts: (of, args) => pageOfPayouts(db, of, args),
    recordings: (of, args) => pageOfRecordings(db, of, args),
    plays: (of, args) => pageOfPlays(db, of, args),
    entries: (of, args) => pageOfEntries(db, of, args),
    url: (of, form) => urls.sign(statementPath(of, form), now()),
  }
}
