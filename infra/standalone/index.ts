import { createServer } from 'node:net'
import { join } from 'node:path'
import { openLog, startRelays } from '#shared/open-log.ts'
import { createLogger } from '#shared/telemetry.ts'
import { admissionOf } from '../../gateway/admission-settings.ts'
import { arrivalsOf } from '../../gateway/arrival-settings.ts'
import { cachingOf } from '../../gateway/caching/settings.ts'
import { createCadenzaDoor } from '../../gateway/cadenza.ts'
import { createGraphiqlAssets } from '../../gateway/graphiql/assets.ts'
import { rateOf } from '../../gateway/rate-limit/settings.ts'
import { readSupergraph } from '../../schema/supergraph.ts'
import { firstTrackIds, loadDemoOnce } from './demo.ts'
import { openInstallation } from './installation.ts'
import { freePort } from './postgres.ts'
import { createRooms } from './rooms.ts'
import { readSettings } from './settings.ts'

/** `npm start`: PostgreSQL, five rooms and the door in one process, calls in process. */
async function main(): Promise<void> {
  const settings = readSettings()
  const port = settings.PORT === 0 ? await freePort() : settings.PORT
  await refuseTakenPort(port, settings.HOST)
  const publicUrl = (settings.PUBLIC_URL ?? `http://localhost:${port}`).replace(/\/$/, '')
  const opening = openInstallation(settings.home, settings.DATABASE_URL)
  const closers: (() => Promise<void>)[] = [async () => (await opening).close()]
  const stop = once(async () => {
    for (const close of closers.reverse()) await close().catch((error: unknown) => say(String(error)))
  })
  // From the first moment on, and each time: a signal that nobody hears would leave PostgreSQL behind.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => void stop().then(() => process.exit(0)))
  const installation = await opening
  void installation.databaseEnded.then(() => {
    if (stop.isCalled()) return
    say('PostgreSQL has ended: start Cadenza again, nothing acknowledged is lost')
    process.exit(1)
  })

  try {
    const { databaseUrl } = installation
    const { KAFKA_BROKERS: kafkaBrokers, kafkaSecurity } = settings
    const logger = createLogger('cadenza', settings.LOG_LEVEL)
    const log = await openLog({ databaseUrl, kafkaBrokers, kafkaSecurity, logger })
    closers.push(() => log.close())
    const rooms = await createRooms({
      databaseUrl,
      redisUrl: settings.REDIS_URL,
      log,
      logger,
      home: settings.home,
      s3: settings.s3,
      publicUrl,
    })
    closers.push(() => rooms.stop())
    await rooms.start()
    closers.push(
      startRelays(
        log,
        rooms.all.map((room) => room.name),
      ),
    )
    if (await loadDemoOnce(rooms, databaseUrl))
      say('The demo is loaded: sign in as premium@cadenza.example, cadenza-demo')
    await rooms.catalog.ensureAudio(firstTrackIds(), (ready, all) =>
      progress('Composing the first tracks', ready, all),
    )
    const door = await createCadenzaDoor({
      supergraph: await readSupergraph(),
      rooms: rooms.all,
      handlers: [
        createGraphiqlAssets({ mediaOrigins: [new URL(publicUrl).origin] }),
        ...rooms.all.flatMap((room) => room.handlers),
      ],
      defaultCountry: settings.DEFAULT_COUNTRY,
      roomTimeoutMs: 4_000, // a room in this process is as late as the process is, and not to blame for it
      caching: cachingOf(settings),
      rate: rateOf(settings),
      arrivals: arrivalsOf(settings),
      admission: admissionOf(settings),
      isProduction: settings.NODE_ENV === 'production',
      warmUpFile: join(settings.home, 'door', 'operations.json'),
      logger,
    })
    closers.push(() => door.stop())
    await door.listen(port, settings.HOST)
    process.stdout.write(`Cadenza is ready: http://localhost:${port}/graphql\n`)
  } catch (error) {
    await stop()
    throw error
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** One line that is drawn again on a terminal; elsewhere it is said when the work begins and when it is done. */
function progress(what: string, done: number, all: number): void {
  if (process.stderr.isTTY) {
    process.stderr.write(
      `\r${what}: ${'█'.repeat(done)}${'░'.repeat(all - done)} ${done}/${all}${done === all ? '\n' : ''}`,
    )
  } else if (done === 0 || done === all) {
    say(`${what}: ${done}/${all}`)
  }
}

function refuseTakenPort(port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      const isTaken = code === 'EADDRINUSE'
      const reason = isTaken
        ? `Port ${port} is taken: stop what listens there, or set PORT to another`
        : `Cannot listen on ${host}, port ${port}: ${message}`
      reject(new Error(reason))
    })
    probe.listen(port, host, () => probe.close(() => resolve()))
  })
}

function once(work: () => Promise<void>): (() => Promise<void>) & { isCalled(): boolean } {
  let running: Promise<void> | null = null
  return Object.assign(
    () => {
      running ??= work()
      return running
    },
    { isCalled: () => running !== null },
  )
}

main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error))
  process.exit(1)
})
