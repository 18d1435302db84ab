import type { SqlExecutor } from '#shared/database.ts'
import { isIdOf } from '#shared/id.ts'
import type { SignedIn } from '#shared/identity.ts'

/** Whether a device is one of the user's now: by our copy, or by the token itself while the news of it is on its way. */
export async function ownsDevice(db: SqlExecutor, user: SignedIn, deviceId: string): Promise<boolean> {
  if (!isIdOf('device', deviceId)) return false
  const [device] = await db.$queryRaw<{ isRemoved: boolean }[]>`
    SELECT is_removed AS "isRemoved" FROM device WHERE user_id = ${user.userId} AND device_id = ${deviceId}`
  return device === undefined ? user.deviceId === deviceId : !device.isRemoved
}
