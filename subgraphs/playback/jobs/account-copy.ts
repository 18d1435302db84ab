import type { Logger } from 'pino'
import { type Consumer, createConsumer } from '#shared/consumer.ts'
import type { SqlExecutor } from '#shared/database.ts'
import type { EventLog } from '#shared/event-log.ts'
import { ACCOUNT_CHANGED, accountChanged, DEVICE_CHANGED, deviceChanged } from '../events.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

/**
 * Keeps tier, country and devices of every account. One consumer for both, so that whoever has seen a version of an account
 * has seen the devices of every earlier one.
 */
export function createAccountCopy(db: PrismaClient, log: EventLog, logger: Logger): Consumer {
  return createConsumer({
    name: 'playback.accounts',
    source: 'users',
    topics: [ACCOUNT_CHANGED, DEVICE_CHANGED],
    log,
    db,
    logger,
    async apply(tx, events) {
      const payloads = (topic: string) =>
        events.filter((event) => event.topic === topic).map((event) => event.payload)
      await copyDevices(
        tx,
        payloads(DEVICE_CHANGED).map((payload) => deviceChanged.parse(payload)),
      )
      await copyAccounts(
        tx,
        payloads(ACCOUNT_CHANGED).map((payload) => accountChanged.parse(payload)),
      )
    },
  })
}

async function copyAccounts(tx: SqlExecutor, accounts: readonly object[]): Promise<void> {
  if (accounts.length === 0) return
  await tx.$executeRaw`
    INSERT INTO account (user_id, tier, country, version)
    SELECT DISTINCT ON ("userId") "userId", tier, country, version
      FROM jsonb_to_recordset(${JSON.stringify(accounts)}::text::jsonb)
           AS news ("userId" text, tier text, country text, version bigint)
     ORDER BY "userId", version DESC
    ON CONFLICT (user_id) DO UPDATE SET (tier, country, version) = (excluded.tier, excluded.country, excluded.version)
     WHERE excluded.version > account.version`
}

async function copyDevices(tx: SqlExecutor, devices: readonly object[]): Promise<void> {
  if (devices.length === 0) return
  await tx.$executeRaw`
    INSERT INTO device (user_id, device_id, is_removed, public_key, version)
    SELECT DISTINCT ON ("userId", "deviceId") "userId", "deviceId", "isRemoved", "publicKey", version
      FROM jsonb_to_recordset(${JSON.stringify(devices)}::text::jsonb)
           AS news ("userId" text, "deviceId" text, "isRemoved" boolean, "publicKey" text, version bigint)
     ORDER BY "userId", "deviceId", version DESC
    ON CONFLICT (user_id, device_id) DO UPDATE
      SET (is_removed, public_key, version) = (excluded.is_removed, excluded.public_key, excluded.version)
     WHERE excluded.version > device.version`
}
