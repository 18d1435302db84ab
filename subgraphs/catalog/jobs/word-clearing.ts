import type { Logger } from 'pino'
import { type Clearing, createClearing } from '#shared/clearing.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { forgetWords, lockDocuments } from '../services/search/doubted-words.ts'

/** Forgets the words of playlists' names that nothing is called by any more. */
export function createWordClearing(db: PrismaClient, logger: Logger): Clearing {
  return createClearing(async () => {
    if ((await db.doubtedWord.count()) === 0) return 0
    return db.$transaction(async (tx) => {
      await lockDocuments(tx)
      return forgetWords(tx)
    })
  }, logger)
}
