import { derivedId } from '#shared/id.ts'
import { publish } from '#shared/outbox.ts'
import { accountChanged } from './events.ts'
import type { PrismaClient } from './generated/prisma/client.ts'
import { TRANSACTION } from './services/account-lock.ts'
import type { Passwords } from './services/passwords.ts'

/** What of the demo catalogue this room needs: the key of the artist that artist@cadenza.example manages. */
export interface UsersDemo {
  readonly managedArtist: string
}

const PASSWORD = 'cadenza-demo'

const ACCOUNTS = [
  { key: 'free', displayName: 'Fern Okafor', country: 'US', tier: 'FREE', role: 'LISTENER' },
  { key: 'premium', displayName: 'Petra Lindqvist', country: 'SE', tier: 'PREMIUM', role: 'LISTENER' },
  { key: 'artist', displayName: 'Alasdair Whitlock', country: 'GB', tier: 'PREMIUM', role: 'LISTENER' },
  { key: 'admin', displayName: 'Adela Marsh', country: 'US', tier: 'PREMIUM', role: 'ADMIN' },
] as const

/** Opens the four demo accounts under ids that are always the same; those that are there stay as they are. */
export async function loadDemoAccounts(
  db: PrismaClient,
  passwords: Passwords,
  demo: UsersDemo,
): Promise<void> {
  const accounts = ACCOUNTS.map(({ key, ...account }) => ({
    ...account,
    id: derivedId('user', `demo:${key}`),
    email: `${key}@cadenza.example`,
    artists: key === 'artist' ? [derivedId('artist', `demo:${demo.managedArtist}`)] : [],
  }))
  const known = await db.account.findMany({
    where: { id: { in: accounts.map(({ id }) => id) } },
    select: { id: true },
  })
  const missing = accounts.filter(({ id }) => !known.some((account) => account.id === id))
  const hashed = await Promise.all(
    missing.map(async (account) => ({ ...account, passwordHash: await passwords.hash(PASSWORD) })),
  )
  await db.$transaction(async (tx) => {
    const opened = await tx.account.createManyAndReturn({
      data: hashed,
      skipDuplicates: true,
      omit: { passwordHash: true },
    })
    await publish(tx, opened.map(accountChanged))
  }, TRANSACTION)
}
