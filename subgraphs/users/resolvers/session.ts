import type { SessionResolvers } from '../generated/graphql.ts'

export const Session: SessionResolvers = {
  // Not by the loader: whoever signs in now was nobody when the request began.
  device: async ({ user, deviceId }, _, { devices }) =>
    deviceId === null ? null : ((await devices.ofUser(user.id, [deviceId]))[0] ?? null),
}
