import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { expect, vi } from 'vitest'
import { roomAdapter } from '#shared/database.ts'
import { createEmbeddedLog, type EventLog } from '#shared/event-log.ts'
import { anonymous } from '#shared/identity.ts'
import { publish } from '#shared/outbox.ts'
import type { RoomResponse } from '#shared/room.ts'
import type { S3Settings } from '#shared/storage/s3-storage.ts'
import { createLogger } from '#shared/telemetry.ts'
import { createTestDatabase } from '#shared/testing/database.ts'
import { PrismaClient } from '../generated/prisma/client.ts'
import type { Composer } from '../jobs/composing.ts'
import { type CatalogRoom, createCatalogRoom } from '../server.ts'
import { type Catalogue, createCatalogue } from '../services/catalogue.ts'

// biome-ignore lint/suspicious/noExplicitAny: an answer is whatever the test's own document asks for
export type Answer = Record<string, any>

/** The room on a database of its own, with the means to fill it and to look behind its door. */
export interface TestCatalog extends AsyncDisposable {
  room: CatalogRoom
  url: string
  home: string
  log: EventLog
  db: PrismaClient
  catalogue: Catalogue
  /** The whole response. */
  execute(query: string, variables?: Record<string, unknown>): Promise<RoomResponse>
  /** What was asked for; an error fails the test. */
  answer(query: string, variables?: Record<string, unknown>): Promise<Answer>
  /** The code of the first error. */
  refusal(query: string, variables?: Record<string, unknown>): Promise<unknown>
  /** Forgets everything: sooner done than a database of its own for each test. */
  empty(): Promise<void>
  /** Publishes an event as another room would. */
  hear(room: 'playlists' | 'playback', topic: string, key: string, payload: object): Promise<void>
  /** What this room has published on a topic since the last call, in order. */
  events(topic: string): Promise<Answer[]>
}

export async function createTestCatalog(
  options: { createComposer?: (root: () => string) => Composer; publicUrl?: string; s3?: S3Settings } = {},
): Promise<TestCatalog> {
  const database = await createTestDatabase()
  const home = await mkdtemp(join(tmpdir(), 'cadenza-catalog-'))
  const log = await createEmbeddedLog(database.url)
  const logger = createLogger('test', 'silent')
  const { publicUrl = 'http://localhost:4000', s3 } = options
  const deps = { databaseUrl: database.url, log, logger, home, publicUrl, ...(s3 && { s3 }) }
  const composer = options.createComposer?.(() => join(home, 'audio'))
  const room = await createCatalogRoom({ ...deps, ...(composer && { composer }) })
  const db = new PrismaClient({ adapter: roomAdapter(database.url, 'catalog') })
  const positions = new Map<string, { xid: string; seq: string }>()
  const execute: TestCatalog['execute'] = (query, variables) =>
    room.execute({ query, variables, identity: anonymous('SE') })

  return {
    room,
    url: database.url,
    home,
    log,
    db,
    catalogue: createCatalogue(db),
    execute,
    async answer(query, variables) {
      const { data, errors } = await execute(query, variables)
      expect(errors).toBeUndefined()
      return data ?? {}
    },
    async refusal(query, variables) {
      return (await execute(query, variables)).errors?.[0]?.extensions?.['code']
    },
    async empty() {
      await db.$executeRaw`
        TRUNCATE upload, transcode_job, genre, artist, album, track, lyrics, takedown, withdrawn, track_artist, album_artist, track_genre, artist_genre, show, episode,
                 playable_audio, playlist_name, search_document, search_word, listener_artist, listener_genre, outbox CASCADE`
    },
    async hear(other, topic, key, payload) {
      const writer = new PrismaClient({ adapter: roomAdapter(database.url, other, 1) })
      await writer.$transaction((tx) => publish(tx, [{ topic, key, payload }]))
      await writer.$disconnect()
    },
    async events(topic) {
      const after = positions.get(topic) ?? { xid: '0', seq: '0' }
      const page = await log.read('catalog', after, [topic], 10_000)
      positions.set(topic, page.next)
      return page.events.map((event) => event.payload as Answer)
    },
    async [Symbol.asyncDispose]() {
      await room.stop()
      await log.close()
      await db.$disconnect()
      await database[Symbol.asyncDispose]()
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** Every statement sent to PostgreSQL while `work` runs, but for the hints that follow commits of before. */
export async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const sent = vi.spyOn(pg.Client.prototype, 'query')
  try {
    await work()
    return sent.mock.calls
      .map(([config]) => (typeof config === 'string' ? config : (config as unknown as { text: string }).text))
      .filter((text) => !text.includes('pg_notify'))
  } finally {
    sent.mockRestore()
  }
}
