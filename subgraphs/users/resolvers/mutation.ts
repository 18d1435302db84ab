import { payload } from '#shared/errors.ts'
import type { MutationResolvers } from '../generated/graphql.ts'
import { followedById } from './followed.ts'

const NO_SESSION = { session: null }

export const Mutation: MutationResolvers = {
  signUp: (_, { input }, { accounts }) =>
    payload(NO_SESSION, async () => ({ session: await accounts.signUp(input) })),

  signIn: (_, { input }, { accounts }) =>
    payload(NO_SESSION, async () => ({ session: await accounts.signIn(input) })),

  sessionRefresh: (_, { refreshToken }, { sessions }) =>
    payload(NO_SESSION, async () => ({ session: await sessions.refresh(refreshToken) })),

  signOut: (_, { everywhere }, { identity, sessions }) =>
    payload({}, async () => {
      await sessions.signOut(identity, everywhere ?? false)
      return {}
    }),

  userTierChange: (_, { input }, { identity, accounts }) =>
    payload({ user: null }, async () => {
      const account = await accounts.changeTier(identity, input.userId, input.tier)
      return { user: { ...account, isSelf: account.id === identity.userId } }
    }),

  deviceRemove: (_, { input }, { identity, devices }) =>
    payload({ removedId: null }, async () => ({ removedId: await devices.remove(identity, input.id) })),

  follow: (_, { input }, context) =>
    payload({ following: null, subject: null }, async () => ({
      following: await context.follows.set(context.identity, input.id, input.follow ?? true),
      subject: await followedById(input.id, context),
    })),

  userSettingsUpdate: (_, { input }, { identity, accounts }) =>
    payload({ user: null }, async () => ({
      user: { ...(await accounts.updateSettings(identity, input)), isSelf: true },
    })),

  privacyExport: (_, __, { identity, privacy }) =>
    payload({ job: null }, async () => ({ job: await privacy.export(identity) })),

  privacyErase: (_, { input }, { identity, privacy }) =>
    payload({ job: null }, async () => ({ job: await privacy.erase(identity, input.password) })),

  privacyRetry: (_, { id }, { identity, privacy }) =>
    payload({ job: null }, async () => ({ job: await privacy.retry(identity, id) })),
}
