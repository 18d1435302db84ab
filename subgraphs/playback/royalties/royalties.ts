import type { Logger } from 'pino'
import type { EventLog } from '#shared/event-log.ts'
import type { DownloadSource } from '../download-edge.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { createHolderCopy } from '../jobs/holder-copy.ts'
import type { DownloadUrls } from '../services/download-url.ts'
import { createRightsDesk, type RightsDesk } from './rights-desk.ts'
import { createRoyaltyBooks, type RoyaltyBooks } from './royalty-books.ts'
import { createRoyaltyReads, type RoyaltyReads } from './royalty-reads.ts'
import { statementDownloads } from './statement-download.ts'
import type { RoyaltyTerms } from './terms.ts'

export interface RoyaltiesOptions {
  db: PrismaClient
  log: EventLog
  logger: Logger
  terms: RoyaltyTerms
  urls: DownloadUrls
  now(): number
}

/** Everything about money: who has rights, what months earn, and what is told of it. */
export interface Royalties {
  services: { royaltyBooks: RoyaltyBooks; royaltyReads: RoyaltyReads; rights: RightsDesk }
  jobs: readonly { start(): void; stop(): Promise<void> }[]
  downloads: DownloadSource
}

export function createRoyalties({ db, log, logger, terms, urls, now }: RoyaltiesOptions): Royalties {
  const royaltyBooks = createRoyaltyBooks({ db, terms, now, logger })
  return {
    services: {
      royaltyBooks,
      royaltyReads: createRoyaltyReads(db, terms, urls, now),
      rights: createRightsDesk(db),
    },
    jobs: [royaltyBooks, createHolderCopy(db, log, logger)],
    downloads: statementDownloads(db),
  }
}
