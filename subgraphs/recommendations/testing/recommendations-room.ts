import { setTimeout as sleep } from 'node:timers/promises'
import { roomAdapter } from '#shared/database.ts'
import { createEmbeddedLog } from '#shared/event-log.ts'
import { derivedId } from '#shared/id.ts'
import { anonymous, type Identity } from '#shared/identity.ts'
import { type OutboxEvent, publish } from '#shared/outbox.ts'
import type { LocalRoom, RoomResponse } from '#shared/room.ts'
import { createLogger } from '#shared/telemetry.ts'
import { createTestDatabase } from '#shared/testing/database.ts'
import type { RecommendationsSettings } from '../config.ts'
import { PLAY_COUNTED, PLAY_UNCOUNTED, TRACK_CHANGED } from '../events.ts'
import { PrismaClient } from '../generated/prisma/client.ts'
import { createRecommendationsRoom } from '../server.ts'
import type { AudioFeatures } from '../services/features.ts'

export const NOBODY = anonymous(null)
export interface TestTrack {
  /** Its id is `idOf('track', name)`, and so is its title unless told otherwise. */
  name: string
  title?: string
  artists?: string[]
  genres?: string[]
  markets?: string[] | null
  popularity?: number
  features?: Partial<AudioFeatures> | null
  isRemoved?: boolean
  version?: number
}

export interface TestPlay {
  track: string
  user?: string
  country?: string | null
  daysAgo?: number
  playbackId?: string
  /** False: it counts no longer. */
  isCounted?: boolean
  /** Which decision about the playback this is: later ones have higher numbers. */
  decision?: number
}

/** The room over a real, empty database, fed as the catalogue and the playback would feed it. */
export interface TestRoom extends AsyncDisposable {
  room: LocalRoom
  db: PrismaClient
  url: string
  /** Publishes what the catalogue would, and waits until it is known. */
  know(tracks: readonly TestTrack[]): Promise<void>
  play(plays: readonly TestPlay[]): Promise<void>
  publish(room: 'catalog' | 'playback', events: readonly OutboxEvent[]): Promise<void>
  ask(query: string, variables?: Record<string, unknown>, identity?: Identity): Promise<RoomResponse>
  /** The same, for answers without errors. */
  answer<Shape>(query: string, variables?: Record<string, unknown>, identity?: Identity): Promise<Shape>
}

const ALWAYS_FRESH: RecommendationsSettings = { CADENZA_MODEL_REFRESH_MS: 0, CADENZA_CHART_REFRESH_MS: 0 }

const MIDDLE: AudioFeatures = {
  tempo: 120,
  key: 0,
  mode: 1,
  energy: 0.5,
  danceability: 0.5,
  valence: 0.5,
  acousticness: 0.25,
  instrumentalness: 0.1,
  loudness: -8,
  speechiness: 0.05,
}

export function idOf(prefix: 'track' | 'artist' | 'user', name: string): string {
  return derivedId(prefix, `test:${name}`)
}

/** Somebody signed in, at home in a country. */
export function listener(name: string, country: string | null = 'SE'): Identity {
  return { ...anonymous(country), userId: idOf('user', name), tier: 'FREE', version: 1 }
}

export async function createTestRoom(settings = ALWAYS_FRESH): Promise<TestRoom> {
  const database = await createTestDatabase()
  const { url } = database
  const log = await createEmbeddedLog(url)
  const db = new PrismaClient({ adapter: roomAdapter(url, 'recommendations', 4) })
  const others = {
    catalog: new PrismaClient({ adapter: roomAdapter(url, 'catalog', 2) }),
    playback: new PrismaClient({ adapter: roomAdapter(url, 'playback', 2) }),
  }
  const room = await createRecommendationsRoom(
    { databaseUrl: url, log, logger: createLogger('test', 'silent'), home: '', publicUrl: '' },
    settings,
  )
  await room.start()

  const test: TestRoom = {
    room,
    db,
    url,
    async publish(source, events) {
      const writer = others[source]
      await writer.$transaction((tx) => publish(tx, events))
      const isDone = async () => {
        const rows = await db.$queryRaw<object[]>`
          SELECT id FROM (SELECT id FROM catalog.outbox UNION ALL SELECT id FROM playback.outbox) AS said
           WHERE id NOT IN (SELECT event_id FROM inbox UNION ALL SELECT event_id FROM dead_letter) LIMIT 1`
        return rows.length === 0
      }
      while (!(await isDone())) await sleep(5)
    },
    know: (tracks) => test.publish('catalog', tracks.map(trackEvent)),
    play: (plays) => test.publish('playback', plays.map(playEvent)),
    ask: (query, variables = {}, identity = NOBODY) => room.execute({ query, variables, identity }),
    async answer<Shape>(query: string, variables?: Record<string, unknown>, identity?: Identity) {
      const { data, errors } = await test.ask(query, variables, identity)
      if (errors !== undefined) throw new Error(JSON.stringify(errors))
      return data as Shape
    },
    async [Symbol.asyncDispose]() {
      await room.stop()
      await log.close()
      await Promise.all([db, ...Object.values(others)].map((client) => client.$disconnect()))
      await database[Symbol.asyncDispose]()
    },
  }
  return test
}

function trackEvent(track: TestTrack): OutboxEvent {
  const { name, title = name, artists = [`artist of ${name}`], features = {}, ...rest } = track
  const trackId = idOf('track', name)
  return {
    topic: TRACK_CHANGED,
    key: trackId,
    payload: {
      trackId,
      title,
      durationMs: 180_000,
      albumId: null,
      artists: artists.map((artist) => ({ id: idOf('artist', artist), name: artist })),
      genres: [],
      markets: null,
      popularity: 0,
      explicit: false,
      features: features === null ? null : { ...MIDDLE, ...features },
      isComposable: false,
      isRemoved: false,
      version: 1,
      ...rest,
    },
  }
}

let plays = 0
const DECIDED = Date.now()

function playEvent({
  track,
  user = 'somebody',
  country = 'SE',
  daysAgo = 0,
  playbackId,
  isCounted = true,
  decision = 0,
}: TestPlay): OutboxEvent {
  const playableId = track.includes('_') ? track : idOf('track', track)
  return {
    topic: isCounted ? PLAY_COUNTED : PLAY_UNCOUNTED,
    key: playableId,
    payload: {
      playbackId: playbackId ?? `playback ${plays++}`,
      playableId,
      userId: idOf('user', user),
      country,
      at: new Date(DECIDED + decision),
      startedAt: new Date(Date.now() - daysAgo * 24 * 3_600_000),
    },
  }
}
