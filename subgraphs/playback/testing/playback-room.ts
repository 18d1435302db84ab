import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kind, parse, print } from 'graphql'
import { roomAdapter } from '#shared/database.ts'
import { createEmbeddedLog } from '#shared/event-log.ts'
import { derivedId } from '#shared/id.ts'
import { anonymous, type Identity } from '#shared/identity.ts'
import type { RoomResponse } from '#shared/room.ts'
import { createLogger } from '#shared/telemetry.ts'
import { createTestDatabase } from '#shared/testing/database.ts'
import { PrismaClient } from '../generated/prisma/client.ts'
import { createPlaybackRoom, type PlaybackRoom } from '../server.ts'
import type { AudioAsset } from '../services/audio-asset.ts'
import { NOW } from './signed.ts'

export const NOBODY = anonymous('SE')

/** An answer as a test walks through it, at any depth; `list`, String and Number say what a step is. */
export interface Json {
  readonly [key: string]: Json
}

export function list(json: Json | undefined): readonly Json[] {
  if (!Array.isArray(json)) throw new Error(`Not a list: ${JSON.stringify(json)}`)
  return json
}

/** Somebody signed in on a device of their own, as the door and the users room tell of them. */
export interface Person {
  identity: Identity
  userId: string
  deviceId: string
}

/** The playback room over a real, empty database and a clock of the test's own, without the door. */
export interface TestRoom extends AsyncDisposable {
  room: PlaybackRoom
  db: PrismaClient
  databaseUrl: string
  home: string
  clock: { now: number }
  /** Runs an operation of schema/operations by its name, or a document. */
  ask(operation: string, variables?: Record<string, unknown>, identity?: Identity): Promise<RoomResponse>
  /** The same, for answers without errors. */
  answer(operation: string, variables?: Record<string, unknown>, identity?: Identity): Promise<Json>
  /** The code of the one error of an operation that is refused whole. */
  fault(operation: string, variables?: Record<string, unknown>, identity?: Identity): Promise<unknown>
  /** Writes to another room's log as that room would. */
  say(source: 'users' | 'catalog', topic: string, ...payloads: object[]): Promise<void>
  /** Writes to the log of the playlists, about one list. */
  sayOfPlaylist(topic: string, playlistId: string, payload: object): Promise<void>
  /** A track or an episode, with audio when there is an asset, once our copy of it is there. */
  addPlayable(key: string, playable?: NewPlayable): Promise<string>
  addPerson(key: string, account?: NewAccount): Promise<Person>
  /** One more device of somebody's, once our copy of it is there. */
  addDevice(person: Person, key: string): Promise<string>
  /** What the room has published, in order. */
  events(topic: string): Promise<Json[]>
}

export interface NewAccount {
  tier?: 'FREE' | 'PREMIUM'
  country?: string
  deviceKind?: string
}

export interface NewPlayable {
  kind?: 'track' | 'episode'
  title?: string
  durationMs?: number
  markets?: string[] | null
  isComposable?: boolean
  albumId?: string
  artists?: readonly { id: string }[]
  version?: number
  asset?: AudioAsset
}

export async function createTestRoom(): Promise<TestRoom> {
  const [database, home, operations] = await Promise.all([
    createTestDatabase(),
    mkdtemp(join(tmpdir(), 'cadenza-playback-')),
    readOperations(),
  ])
  const { url } = database
  const clock = { now: NOW }
  const log = await createEmbeddedLog(url)
  const logger = createLogger('playback', 'silent')
  const db = new PrismaClient({ adapter: roomAdapter(url, 'playback', 4) })
  const deps = { databaseUrl: url, log, logger, home, publicUrl: 'http://music.test' }
  const room = await createPlaybackRoom(deps, () => clock.now)
  await room.start()

  const ask: TestRoom['ask'] = (operation, variables = {}, identity = NOBODY) =>
    room.execute({ query: operations.get(operation) ?? operation, variables, identity })

  const say: TestRoom['say'] = async (source, topic, ...payloads) => {
    const rows = JSON.stringify(payloads)
    await (source === 'users'
      ? db.$executeRaw`
          INSERT INTO users.outbox (id, topic, key, payload)
          SELECT gen_random_uuid()::text, ${topic}, 'key', payload FROM jsonb_array_elements(${rows}::text::jsonb) AS payload`
      : db.$executeRaw`
          INSERT INTO catalog.outbox (id, topic, key, payload)
          SELECT gen_random_uuid()::text, ${topic}, 'key', payload FROM jsonb_array_elements(${rows}::text::jsonb) AS payload`)
    await db.$queryRaw`SELECT pg_notify('outbox', ${source})::text`
  }

  const until = async (isThere: () => Promise<boolean>): Promise<void> => {
    const end = Date.now() + 5_000
    while (!(await isThere())) {
      if (Date.now() > end) throw new Error('The copy did not come')
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  return {
    room,
    db,
    databaseUrl: url,
    home,
    clock,
    ask,
    say,
    async sayOfPlaylist(topic, playlistId, payload) {
      await db.$executeRaw`
        INSERT INTO playlists.outbox (id, topic, key, payload)
        VALUES (gen_random_uuid()::text, ${topic}, ${playlistId}, ${JSON.stringify(payload)}::text::jsonb)`
      await db.$queryRaw`SELECT pg_notify('outbox', 'playlists')::text`
    },
    async answer(operation, variables, identity) {
      const { data, errors } = await ask(operation, variables, identity)
      if (errors !== undefined) throw new Error(JSON.stringify(errors))
      return data as Json
    },
    async fault(operation, variables, identity) {
      const { data, errors } = await ask(operation, variables, identity)
      return data == null && errors?.length === 1 ? errors[0]?.extensions?.['code'] : { data, errors }
    },
    async addPlayable(key, { kind = 'track', asset, version = 1, ...playable } = {}) {
      const id = derivedId(kind, key)
      const changed = {
        title: key,
        durationMs: 200_000,
        markets: null,
        isComposable: false,
        version,
        ...playable,
      }
      await say('catalog', `catalog.${kind}-changed.v1`, { [`${kind}Id`]: id, ...changed })
      if (asset !== undefined)
        await say('catalog', 'catalog.audio-packaged.v1', { playableId: id, asset, version })
      await until(
        async () =>
          (await db.playable.count({ where: { id, version } })) === 1 &&
          (kind === 'episode' || (await db.trackArtist.count({ where: { trackId: id, version } })) === 1) &&
          (asset === undefined || (await db.audioAsset.count({ where: { playableId: id, version } })) > 0),
      )
      return id
    },
    async addPerson(key, { tier = 'PREMIUM', country = 'SE', deviceKind = 'PHONE' } = {}) {
      const [userId, deviceId] = [derivedId('user', key), derivedId('device', key)]
      await say('users', 'users.account-changed.v1', { userId, tier, country, version: 1 })
      const device = { userId, deviceId, kind: deviceKind, isRemoved: false, version: 1 }
      await say('users', 'users.device-changed.v1', device)
      await until(
        async () =>
          (await db.device.count({ where: { userId } })) === 1 &&
          (await db.deviceKind.count({ where: { userId } })) === 1,
      )
      const identity = { ...anonymous(country), userId, deviceId, sessionId: 'session_1', tier, version: 1 }
      return { identity, userId, deviceId }
    },
    async addDevice({ userId }, key) {
      const deviceId = derivedId('device', `${userId} ${key}`)
      await say('users', 'users.device-changed.v1', { userId, deviceId, isRemoved: false, version: 1 })
      await until(async () => (await db.device.count({ where: { userId, deviceId } })) === 1)
      return deviceId
    },
    events: (topic) =>
      db.$queryRaw<{ payload: Json }[]>`
        SELECT payload FROM outbox WHERE topic = ${topic} ORDER BY xid, seq`.then((rows) =>
        rows.map(({ payload }) => payload),
      ),
    async [Symbol.asyncDispose]() {
      await room.stop()
      await log.close()
      await db.$disconnect()
      await Promise.all([database[Symbol.asyncDispose](), rm(home, { recursive: true })])
    },
  }
}

async function readOperations(): Promise<Map<string, string>> {
  const files = ['playback', 'royalties'].map(
    (name) => new URL(`../../../schema/operations/${name}.graphql`, import.meta.url),
  )
  const documents = await Promise.all(files.map(async (file) => parse(await readFile(file, 'utf8'))))
  return new Map(
    documents
      .flatMap(({ definitions }) => definitions)
      .flatMap((node) =>
        node.kind === Kind.OPERATION_DEFINITION ? [[node.name?.value ?? '', print(node)]] : [],
      ),
  )
}
