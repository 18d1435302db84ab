import { createChangeFeed } from '#shared/change-feed.ts'
import { readConfig } from '#shared/config.ts'
import { answers, roomAdapter } from '#shared/database.ts'
import { createLogClearing } from '#shared/log-clearing.ts'
import { createPrivacyPart } from '#shared/privacy/privacy-part.ts'
import { PRIVACY_REQUESTED, privacyRequested } from '#shared/privacy/requests.ts'
import { createRoom, type LocalRoom, type RoomDependencies } from '#shared/room.ts'
import { readSecret } from '#shared/secrets.ts'
import { openScratch, openStorage } from '#shared/storage/open-storage.ts'
import { type UsersSettings, usersSettings } from './config.ts'
import { createContext, type Services } from './context.ts'
import { loadDemoAccounts, type UsersDemo } from './demo.ts'
import { ACCOUNT_CHANGED } from './events.ts'
import { PrismaClient } from './generated/prisma/client.ts'
import { createArtistCopy } from './jobs/artist-copy.ts'
import { createSessionClearing } from './jobs/clearing.ts'
import { createPrivacyAnswers } from './jobs/privacy-answers.ts'
import { createPrivacyClearing } from './jobs/privacy-clearing.ts'
import { createSharedPlaylists } from './jobs/shared-playlists.ts'
import { createSharedPlays } from './jobs/shared-plays.ts'
import { lasting } from './lasting.ts'
import { createPrivacyEdge } from './privacy-edge.ts'
import { resolvers } from './resolvers/index.ts'
import { createAccessTokens } from './services/access-tokens.ts'
import { createAccountService } from './services/accounts.ts'
import { openArchive } from './services/archive.ts'
import { createDeviceService } from './services/devices.ts'
import { createDownloadUrls } from './services/download-urls.ts'
import { erase, eraseArchives, ownExports, SECTIONS } from './services/erasure.ts'
import { createFeed } from './services/feed.ts'
import { createFollowService } from './services/follows.ts'
import { createPasswords } from './services/passwords.ts'
import { createPrivacyService } from './services/privacy.ts'
import { createRefreshTokens } from './services/refresh-tokens.ts'
import { createSessionService } from './services/sessions.ts'
import { readSigningKey } from './services/signing-key.ts'

export interface UsersRoom extends LocalRoom {
  loadDemo(demo: UsersDemo): Promise<void>
}

/** The room that knows people: accounts, sessions, devices and who follows whom. */
export async function createUsersRoom(
  deps: RoomDependencies,
  settings: UsersSettings = readConfig(usersSettings),
): Promise<UsersRoom> {
  const { databaseUrl, home, log, logger, publicUrl } = deps
  const db = new PrismaClient({ adapter: roomAdapter(databaseUrl, 'users') })
  const passwords = createPasswords({
    concurrency: settings.CADENZA_PASSWORD_HASHERS,
    queueLength: settings.CADENZA_PASSWORD_QUEUE,
  })
  const [accessTokens, secret, downloadSecret, signer, storage] = await Promise.all([
    createAccessTokens(home),
    readSecret(home, 'refresh-tokens'),
    readSecret(home, 'privacy-downloads'),
    readSigningKey(home, 'privacy-archive.jwk'),
    openStorage(deps),
  ])
  const sessions = createSessionService(db, accessTokens, createRefreshTokens(secret))
  const devices = createDeviceService(db)
  const accounts = createAccountService(db, passwords, sessions, devices)
  const changes = createChangeFeed({
    log,
    room: 'users',
    topics: [ACCOUNT_CHANGED, PRIVACY_REQUESTED],
    changesOf: ({ topic, key, payload }) =>
      topic === PRIVACY_REQUESTED ? [privacyRequested.parse(payload).userId] : [key],
  })
  const follows = createFollowService(db)
  const urls = createDownloadUrls(downloadSecret, publicUrl)
  const privacy = createPrivacyService(db, passwords, urls)
  const feed = createFeed(db)
  const services: Services = { accounts, sessions, devices, accessTokens, follows, feed, privacy, changes }
  const jobs = [
    createArtistCopy(db, log, logger),
    createSharedPlays(db, log, logger),
    createSharedPlaylists(db, log, logger),
    createSessionClearing(db, logger),
    createLogClearing({ ...deps, room: 'users', lasting }),
    createPrivacyClearing(db, storage, logger),
    createPrivacyPart({
      ...{ room: 'users', databaseUrl, db, log, logger, storage, erase, sections: SECTIONS },
      scratch: openScratch(home),
      keysOf: (userId) => ownExports(db, userId),
      eraseFiles: (userId) => eraseArchives(db, storage, userId),
    }),
    ...createPrivacyAnswers(db, log, logger),
  ]

  const room = createRoom({
    name: 'users',
    resolvers,
    logger,
    createContext: (identity) => createContext(identity, services),
    isReady: () => answers(db),
    handlers: [
      createPrivacyEdge({
        ...{ urls, logger, keySet: signer.keySet },
        open: (jobId) => openArchive({ db, storage, signer }, jobId),
      }),
    ],
    async start() {
      for (const job of jobs) job.start()
    },
    async stop() {
      await Promise.all(jobs.map((job) => job.stop()))
      await storage.close()
      await db.$disconnect()
    },
  })
  return { ...room, loadDemo: (demo) => loadDemoAccounts(db, passwords, demo) }
}
