import { isCountry } from '#shared/countries.ts'
import { AppError, Refusal } from '#shared/errors.ts'
import { isIdOf, newId } from '#shared/id.ts'
import { type Identity, requireUser } from '#shared/identity.ts'
import { publish } from '#shared/outbox.ts'
import { accountChanged } from '../events.ts'
import type { Prisma, PrismaClient, Tier } from '../generated/prisma/client.ts'
import type { AccountRow, SessionSource } from '../models.ts'
import { changeAccount, lockAccount, TRANSACTION } from './account-lock.ts'
import { type DeviceDescription, type DeviceService, readDevice } from './devices.ts'
import { normaliseEmail } from './emails.ts'
import { readName } from './names.ts'
import { requireStrongPassword } from './password-rules.ts'
import type { Passwords } from './passwords.ts'
import type { SessionService } from './sessions.ts'

export interface NewAccount {
  email: string
  password: string
  displayName: string
  country: string
  device?: DeviceDescription | null | undefined
}

export interface AccountService {
  /** Accounts by id, in no order; without the hash of the password. */
  byIds(ids: readonly string[]): Promise<AccountRow[]>
  /** Opens an account and signs it in: EMAIL_TAKEN, PASSWORD_WEAK, COUNTRY_UNKNOWN or BAD_USER_INPUT otherwise. */
  signUp(input: NewAccount): Promise<SessionSource>
  /** CREDENTIALS_WRONG alike for a wrong password and an address nobody has, after the same work. */
  signIn(input: { email: string; password: string; device: DeviceDescription }): Promise<SessionSource>
  /** ADMIN only (FORBIDDEN). The account as it is then. */
  changeTier(identity: Identity, userId: string, tier: Tier): Promise<AccountRow>
  /** One's own settings; null and undefined leave one as it is. What was shared goes at once when it is shared no longer. */
  updateSettings(
    identity: Identity,
    settings: { sharesPlays?: boolean | null | undefined },
  ): Promise<AccountRow>
}

export function createAccountService(
  db: PrismaClient,
  passwords: Passwords,
  sessions: SessionService,
  devices: DeviceService,
): AccountService {
  return {
    async byIds(ids) {
      const own = ids.filter((id) => isIdOf('user', id))
      return db.account.findMany({ where: { id: { in: own } }, omit: { passwordHash: true } })
    },

    async signUp(input) {
      const email = normaliseEmail(input.email)
      if (email === null)
        throw new Refusal('BAD_USER_INPUT', 'This is not an e-mail address: write it like name@example.com', [
          'email',
        ])
      requireStrongPassword(input.password, email)
      const displayName = readName(input.displayName, 'A display name', ['displayName'])
      if (!isCountry(input.country))
        throw new Refusal('COUNTRY_UNKNOWN', 'Give the two letters of ISO 3166-1, like SE', ['country'])
      const device = input.device == null ? null : readDevice(input.device)
      if ((await db.account.count({ where: { email } })) > 0) throw emailTaken()
      const passwordHash = await passwords.hash(input.password)
      const id = newId('user')

      const { account, session } = await db.$transaction(async (tx) => {
        const account = await create(tx, { id, email, passwordHash, displayName, country: input.country })
        const admitted = device === null ? null : await devices.admit(tx, account, device)
        const session = await sessions.open(tx, id, admitted?.deviceId ?? null)
        await publish(tx, [accountChanged(account), ...(admitted?.events ?? [])])
        return { account, session }
      }, TRANSACTION)
      return sessions.issue(account, session)
    },

    async signIn(input) {
      const device = readDevice(input.device)
      const email = normaliseEmail(input.email)
      const select = { id: true, passwordHash: true } as const
      // An address that cannot exist is looked for all the same: every failure takes the same steps.
      const found = await db.account.findUnique({ where: { email: email ?? '' }, select })
      const isRight = await passwords.verify(found?.passwordHash ?? null, input.password)
      if (found === null || !isRight) throw credentialsWrong()

      const { account, session } = await db.$transaction(async (tx) => {
        // Whoever was erased since the password was looked at has no address any more.
        if ((await lockAccount(tx, found.id))?.email !== email) throw credentialsWrong()
        const account = await changeAccount(tx, found.id)
        const { deviceId, events } = await devices.admit(tx, account, device)
        const session = await sessions.open(tx, found.id, deviceId)
        await publish(tx, events)
        return { account, session }
      }, TRANSACTION)
      return sessions.issue(account, session)
    },

    async changeTier(identity, userId, tier) {
      if (requireUser(identity).role !== 'ADMIN')
        throw new Refusal('FORBIDDEN', 'Only an administrator may change the tier of an account')
      return db.$transaction(async (tx) => {
        const account = isIdOf('user', userId) ? await lockAccount(tx, userId) : null
        if (account === null) throw new Refusal('NOT_FOUND', 'There is no such user', ['userId'])
        if (account.tier === tier) return account
        const changed = await changeAccount(tx, userId, { tier })
        await publish(tx, [accountChanged(changed)])
        return changed
      }, TRANSACTION)
    },

    async updateSettings(identity, { sharesPlays }) {
      const { userId } = requireUser(identity)
      return db.$transaction(async (tx) => {
        const account = await lockAccount(tx, userId)
        if (account === null) throw new AppError('UNAUTHENTICATED', 'This account is gone')
        if (sharesPlays == null || sharesPlays === account.sharesPlays) return account
        await tx.$executeRaw`
          UPDATE account SET shares_plays = ${sharesPlays}, shares_plays_since = CASE WHEN ${sharesPlays} THEN clock_timestamp() END
           WHERE id = ${userId}`
        if (!sharesPlays) await tx.activity.deleteMany({ where: { actorId: userId, verb: 'PLAYED' } })
        return { ...account, sharesPlays }
      }, TRANSACTION)
    },
  }
}

/** Of two who want one address at once, the index lets one have it. */
async function create(
  tx: Prisma.TransactionClient,
  account: Prisma.AccountCreateManyInput,
): Promise<AccountRow> {
  const [created] = await tx.account.createManyAndReturn({
    data: [account],
    skipDuplicates: true,
    omit: { passwordHash: true },
  })
  if (created === undefined) throw emailTaken()
  return created
}

const emailTaken = (): Refusal =>
  new Refusal('EMAIL_TAKEN', 'There is an account with this address: sign in instead', ['email'])
const credentialsWrong = (): Refusal =>
  new Refusal('CREDENTIALS_WRONG', 'The e-mail address or the password is wrong')
