import type { Logger } from 'pino'
import { type Consumer, createConsumer } from '#shared/consumer.ts'
import type { EventLog } from '#shared/event-log.ts'
import { DEVICE_CHANGED, deviceOfKind } from '../events.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

/** Keeps what kind each device is, of those that are gone as well: what was heard on them is still told. */
export function createDeviceKindCopy(db: PrismaClient, log: EventLog, logger: Logger): Consumer {
  return createConsumer({
    name: 'playback.device-kinds',
    source: 'users',
    topics: [DEVICE_CHANGED],
    log,
    db,
    logger,
    async apply(tx, events) {
      const devices = events.map(({ payload }) => deviceOfKind.parse(payload))
      await tx.$executeRaw`
        INSERT INTO device_kind (user_id, device_id, kind, version)
        SELECT DISTINCT ON ("userId", "deviceId") "userId", "deviceId", kind, version
          FROM jsonb_to_recordset(${JSON.stringify(devices)}::text::jsonb)
               AS news ("userId" text, "deviceId" text, kind text, version bigint)
         ORDER BY "userId", "deviceId", version DESC
        ON CONFLICT (user_id, device_id) DO UPDATE SET (kind, version) = (excluded.kind, excluded.version)
         WHERE excluded.version > device_kind.version`
    },
  })
}
