import { payload, Refusal, type UserError } from '#shared/errors.ts'
import type { Identity } from '#shared/identity.ts'
import { TRANSACTION } from '../config.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { type AgreementRow, readAgreement } from './agreements.ts'
import { type AgreementInput, agreementSchema, HolderUnknown, setRights } from './rights.ts'
import { requireAdmin } from './royalty-books.ts'

/** Says who has rights, for ADMIN alone. */
export interface RightsDesk {
  set(
    identity: Identity,
    input: AgreementInput,
  ): Promise<{ agreement: AgreementRow | null; userErrors: UserError[] }>
}

export function createRightsDesk(db: PrismaClient): RightsDesk {
  return {
    set: (identity, input) =>
      payload({ agreement: null }, async () => {
        requireAdmin(identity)
        const parsed = agreementSchema.safeParse(input)
        const issue = parsed.error?.issues[0]
        if (!parsed.success)
          throw new Refusal(
            'BAD_USER_INPUT',
            issue?.message ?? 'This is no agreement',
            issue?.path.map(String),
          )
        const id = await db.$transaction((tx) => setRights(tx, parsed.data), TRANSACTION).catch(refuseUnknown)
        return { agreement: await readAgreement(db, id) }
      }),
  }
}

function refuseUnknown(error: unknown): never {
  if (error instanceof HolderUnknown) throw new Refusal('BAD_USER_INPUT', error.message, ['shares'])
  throw error
}
