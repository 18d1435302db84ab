import type { DeviceResolvers } from '../generated/graphql.ts'

export const Device: DeviceResolvers = {
  __resolveReference: (key, { loaders }) => loaders.deviceById.load('id' in key ? key.id : key.ref),
  ref: (device) => device.id,
  active: (device) => device.isActive,
}
