import { createChangeFeed } from '#shared/change-feed.ts'
import { readConfig } from '#shared/config.ts'
import { answers, roomAdapter } from '#shared/database.ts'
import { createRoom, type LocalRoom, type RoomDependencies } from '#shared/room.ts'
import { readSecret } from '#shared/secrets.ts'
import { type UsersSettings, usersSettings } from './config.ts'
import { createContext, type Services } from './context.ts'
import { loadDemoAccounts, type UsersDemo } from './demo.ts'
import { ACCOUNT_CHANGED } from './events.ts'
import { PrismaClient } from './generated/prisma/client.ts'
import { createArtistCopy } from './jobs/artist-copy.ts'
import { createSessionClearing } from './jobs/clearing.ts'
import { resolvers } from './resolvers/index.ts'
import { createAccessTokens } from './services/access-tokens.ts'
import { createAccountService } from './services/accounts.ts'
import { createDeviceService } from './services/devices.ts'
import { createFollowService } from './services/follows.ts'
import { createPasswords } from './services/passwords.ts'
import { createRefreshTokens } from './services/refresh-tokens.ts'
import { createSessionService } from './services/sessions.ts'

export interface UsersRoom extends LocalRoom {
  loadDemo(demo: UsersDemo): Promise<void>
}

/** The room that knows people: accounts, sessions, devices and who follows whom. */
export async function createUsersRoom(
  deps: RoomDependencies,
  settings: UsersSettings = readConfig(usersSettings),
): Promise<UsersRoom> {
  const { databaseUrl, home, log, logger } = deps
  const db = new PrismaClient({ adapter: roomAdapter(databaseUrl, 'users') })
  const passwords = createPasswords({
    concurrency: settings.CADENZA_PASSWORD_HASHERS,
    queueLength: settings.CADENZA_PASSWORD_QUEUE,
  })
  const [accessTokens, secret] = await Promise.all([
    createAccessTokens(home),
    readSecret(home, 'refresh-tokens'),
  ])
  const sessions = createSessionService(db, accessTokens, createRefreshTokens(secret))
  const devices = createDeviceService(db)
  const accounts = createAccountService(db, passwords, sessions, devices)
  const changes = createChangeFeed({
    log,
    room: 'users',
    topics: [ACCOUNT_CHANGED],
    changesOf: ({ key }) => [key],
  })
  const follows = createFollowService(db)
  const services: Services = { accounts, sessions, devices, accessTokens, follows, changes }
  const jobs = [createArtistCopy(db, log, logger), createSessionClearing(db, logger)]

  const room = createRoom({
    name: 'users',
    resolvers,
    logger,
    createContext: (identity) => createContext(identity, services),
    isReady: () => answers(db),
    async start() {
      for (const job of jobs) job.start()
    },
    async stop() {
      await Promise.all(jobs.map((job) => job.stop()))
      await db.$disconnect()
    },
  })
  return { ...room, loadDemo: (demo) => loadDemoAccounts(db, passwords, demo) }
}
