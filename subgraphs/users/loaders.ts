import type DataLoader from 'dataloader'
import type { Identity } from '#shared/identity.ts'
import { createListLoader, createLoader } from '#shared/loader.ts'
import type { DeviceRow, PrivacyJobRow, UserSource } from './models.ts'
import type { AccountService } from './services/accounts.ts'
import type { DeviceService } from './services/devices.ts'
import type { PrivacyService } from './services/privacy.ts'

export interface Loaders {
  /** Anybody's account; the source knows whether it is one's own. */
  userById: DataLoader<string, UserSource | null>
  /** One's own devices alone: another's and none are both null. */
  deviceById: DataLoader<string, DeviceRow | null>
  devicesByUserId: DataLoader<string, DeviceRow[]>
  /** One's own jobs, and anybody's for an ADMIN. */
  privacyJobById: DataLoader<string, PrivacyJobRow | null>
}

export function createLoaders(
  identity: Identity,
  services: { accounts: AccountService; devices: DeviceService; privacy: PrivacyService },
): Loaders {
  const { userId } = identity
  return {
    userById: createLoader<UserSource>(
      async (ids) =>
        (await services.accounts.byIds(ids)).map((row) => ({ ...row, isSelf: row.id === userId })),
      (user) => user.id,
    ),
    deviceById: createLoader<DeviceRow>(
      async (ids) => (userId === null ? [] : services.devices.ofUser(userId, ids)),
      (device) => device.id,
    ),
    devicesByUserId: createListLoader<DeviceRow>(services.devices.ofUsers, (device) => device.userId),
    privacyJobById: createLoader<PrivacyJobRow>(
      (ids) => services.privacy.find(identity, ids),
      (job) => job.id,
    ),
  }
}
