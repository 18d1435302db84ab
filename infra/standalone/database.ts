import { createEmbeddedLog } from '#shared/event-log.ts'
import { createLogger } from '#shared/telemetry.ts'
import { firstTrackIds, loadDemoOnce } from './demo.ts'
import { openInstallation } from './installation.ts'
import { createRooms } from './rooms.ts'
import { readSettings } from './settings.ts'

/** `npm run database`: PostgreSQL with tables and demo, for rooms that are started one by one. Runs until it is stopped. */
try {
  const { home, s3, DATABASE_URL, LOG_LEVEL, PORT, PUBLIC_URL } = readSettings()
  const installation = await openInstallation(home, DATABASE_URL)
  const { databaseUrl } = installation
  const log = await createEmbeddedLog(databaseUrl)
  const publicUrl = PUBLIC_URL ?? `http://localhost:${PORT}`
  const rooms = await createRooms({
    databaseUrl,
    log,
    logger: createLogger('database', LOG_LEVEL),
    home,
    s3,
    publicUrl,
  })
  await rooms.start()
  await loadDemoOnce(rooms, databaseUrl)
  await rooms.catalog.ensureAudio(firstTrackIds(), () => undefined)
  await rooms.stop()
  await log.close()
  process.stdout.write(`The database is ready; its address is in ${home}/run/database-url\n`)
  const idle = setInterval(() => undefined, 60_000)
  const stop = async (): Promise<void> => {
    clearInterval(idle)
    await installation.close()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop())
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
