import { roomAdapter } from '#shared/database.ts'
import { createEmbeddedLog } from '#shared/event-log.ts'
import { derivedId } from '#shared/id.ts'
import { anonymous, type Identity } from '#shared/identity.ts'
import type { RoomResponse } from '#shared/room.ts'
import { createLogger } from '#shared/telemetry.ts'
import { createTestDatabase } from '#shared/testing/database.ts'
import type { PlaylistSettings } from '../config.ts'
import { PrismaClient } from '../generated/prisma/client.ts'
import { createPlaylistsRoom, type PlaylistsRoom } from '../server.ts'
import { readOperations } from './operations.ts'

export const NOBODY = anonymous('SE')

/** An answer as a test walks through it: every step exists, and holds what the test then says it holds. */
export type Json = { readonly [key: string]: Json } & readonly Json[] & string & number & boolean

/** The playlists room over a real database that knows 200 tracks, without the door. */
export interface TestRoom extends AsyncDisposable {
  room: PlaylistsRoom
  db: PrismaClient
  url: string
  /** Runs an operation of schema/operations by its name, or a document. */
  ask(operation: string, variables?: Record<string, unknown>, identity?: Identity): Promise<RoomResponse>
  /** The same, for answers without errors: what the first field holds. */
  answer(operation: string, variables?: Record<string, unknown>, identity?: Identity): Promise<Json>
  watch(
    variables: { id: string; sinceRevision?: number | null },
    identity?: Identity,
  ): Promise<AsyncIterableIterator<RoomResponse> | RoomResponse>
  /** A list of `owner` with the tracks numbered. */
  create(owner: Identity, tracks: readonly number[], input?: Record<string, unknown>): Promise<TestList>
  join(id: string, owner: Identity, guest: Identity, role?: 'EDITOR' | 'VIEWER'): Promise<void>
  /** What one sees of a list, as track numbers, read from the table. */
  tracksOf(id: string): Promise<number[]>
  itemsOf(id: string): Promise<string[]>
}

export interface TestList {
  id: string
  items: string[]
  revision: number
}

export function person(name: string): Identity {
  const userId = derivedId('user', name)
  return { ...NOBODY, userId, deviceId: null, sessionId: null, tier: 'FREE', version: 1 }
}

export function trackId(number: number): string {
  return derivedId('track', String(number))
}

export const TRACKS = 200

export async function createTestRoom(
  settings: PlaylistSettings = { PLAYLIST_HISTORY: 10_000 },
): Promise<TestRoom> {
  const operations = readOperations()
  const database = await createTestDatabase()
  const { url } = database
  const log = await createEmbeddedLog(url)
  const logger = createLogger('playlists', 'silent')
  const db = new PrismaClient({ adapter: roomAdapter(url, 'playlists', 4) })
  const deps = { databaseUrl: url, log, logger, home: '', publicUrl: 'http://localhost' }
  const room = await createPlaylistsRoom(deps, settings)
  await room.start()
  const numbers = new Map(Array.from({ length: TRACKS }, (_, number) => [trackId(number), number]))
  await db.track.createMany({
    data: [...numbers].map(([id, number]) => ({
      id,
      durationMs: 1_000 + number,
      isRemoved: false,
      version: 1,
    })),
  })

  const ask: TestRoom['ask'] = (operation, variables = {}, identity = NOBODY) =>
    room.execute({ query: operations.get(operation) ?? operation, variables, identity })
  const answer: TestRoom['answer'] = async (operation, variables, identity) => {
    const { data, errors } = await ask(operation, variables, identity)
    if (errors !== undefined) throw new Error(JSON.stringify(errors))
    return Object.values(data ?? {})[0] as Json
  }
  const visible = (id: string) =>
    db.playlistItem.findMany({ where: { playlistId: id, removedAtRevision: null }, orderBy: { rank: 'asc' } })

  return {
    room,
    db,
    url,
    ask,
    answer,
    watch: (variables, identity = NOBODY) =>
      room.subscribe({ query: operations.get('PlaylistChanged') ?? '', variables, identity }),
    async create(owner, tracks, input = {}) {
      const made = await answer('PlaylistCreate', { input: { name: 'Road trip', ...input } }, owner)
      const id: string = made['playlist']?.['id'] ?? ''
      const list: TestList = { id, items: [], revision: 1 }
      for (let start = 0; start < tracks.length; start += 100) {
        const trackIds = tracks.slice(start, start + 100).map(trackId)
        const added = await answer('PlaylistAddItems', { input: { playlistId: id, trackIds } }, owner)
        list.items.push(...(added['items'] ?? []).map((item) => item['id'] ?? ''))
        list.revision = added['revision'] ?? 0
      }
      return list
    },
    async join(id, owner, guest, role = 'EDITOR') {
      const INVITE = `mutation ($input: PlaylistInviteCreateInput!) {
        playlistInviteCreate(input: $input) { invite { token } userErrors { code } } }`
      const invited = await answer(INVITE, { input: { playlistId: id, role, expiresInHours: 1 } }, owner)
      const joined = await answer('PlaylistJoin', { token: invited['invite']?.['token'] }, guest)
      if (joined['userErrors']?.length !== 0) throw new Error(JSON.stringify(joined))
    },
    tracksOf: async (id) => (await visible(id)).map((item) => numbers.get(item.trackId) ?? -1),
    itemsOf: async (id) => (await visible(id)).map((item) => item.id),
    async [Symbol.asyncDispose]() {
      await room.stop()
      await log.close()
      await db.$disconnect()
      await database[Symbol.asyncDispose]()
    },
  }
}
