import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { z } from 'zod'
import { readConfig, roomSettings } from './config.ts'
import { createInternalTokens } from './identity.ts'
import { kafkaSecurityOf } from './kafka/security.ts'
import { openLog, startRelays } from './open-log.ts'
import type { LocalRoom, RoomDependencies } from './room.ts'
import { createRoomServer } from './room-http.ts'
import { s3Of, storageSettings } from './storage/open-storage.ts'
import { createLogger } from './telemetry.ts'

const settings = roomSettings.extend({
  ...storageSettings,
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
  PUBLIC_URL: z.url().default('http://localhost:4000'),
})

/** The whole life of a room as a process of its own: settings, room, HTTP, and an orderly end on SIGTERM or SIGINT. */
export async function serveRoom(create: (deps: RoomDependencies) => Promise<LocalRoom>): Promise<void> {
  const config = readConfig(settings)
  const logger = createLogger('room', config.LOG_LEVEL)
  const log = await openLog({
    databaseUrl: config.DATABASE_URL,
    kafkaBrokers: config.KAFKA_BROKERS,
    kafkaSecurity: kafkaSecurityOf(config),
    logger,
  })
  const room = await create({
    databaseUrl: config.DATABASE_URL,
    redisUrl: config.REDIS_URL,
    log,
    logger,
    home: resolve(config.CADENZA_HOME),
    s3: s3Of(config),
    publicUrl: config.PUBLIC_URL.replace(/\/$/, ''),
  })
  await room.start()
  const stopRelay = startRelays(log, [room.name])
  const server = createRoomServer(room, createInternalTokens(config.CADENZA_INTERNAL_SECRET))
  server.listen(config.PORT, config.HOST)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  process.stdout.write(`The ${room.name} room is ready: http://${config.HOST}:${port}/graphql\n`)

  const stop = async (): Promise<void> => {
    server.close()
    server.closeAllConnections()
    await room.stop()
    await stopRelay()
    await log.close()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop())
}
