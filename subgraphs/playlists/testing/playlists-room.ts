import { roomAdapter } from '#shared/database.ts'
import { createEmbeddedLog } from '#shared/event-log.ts'
import { derivedId } from '#shared/id.ts'
import { anonymous, type Identity } from '#shared/identity.ts'
import type { RoomDependencies, RoomResponse } from '#shared/room.ts'
import { createLogger } from '#shared/telemetry.ts'
import { createTestDatabase } from '#shared/testing/database.ts'
import { PrismaClient } from '../generated/prisma/client.ts'
import { createPlaylistsRoom, type PlaylistsRoom } from '../server.ts'
import { readOperations } from './operations.ts'

export const NOBODY = anonymous('SE')

/** An answer as a test walks through it: every step exists, and holds what the test then says it holds. */
export type Json = { readonly [key: string]: Json } & readonly Json[] & string & number & boolean

/** One process of the room. */
export interface RoomProcess extends AsyncDisposable {
  room: PlaylistsRoom
  /** Runs an operation of schema/operations by its name, or a document. */
  ask(operation: string, variables?: Record<string, unknown>, identity?: Identity): Promise<RoomResponse>
  /** What the first field of the answer holds; an answer with errors is thrown. */
  answer(operation: string, variables?: Record<string, unknown>, identity?: Identity): Promise<Json>
}

/** The playlists room over a real database that knows some tracks, without the door. */
export interface TestRoom extends RoomProcess {
  db: PrismaClient
  url: string
  /** Another process on the same database. */
  another(): Promise<RoomProcess>
  /** A list of `owner` with the tracks numbered, and the ids of its items. */
  create(owner: Identity, tracks: readonly number[], input?: Record<string, unknown>): Promise<TestList>
  join(id: string, owner: Identity, guest: Identity, role?: 'EDITOR' | 'VIEWER'): Promise<void>
  /** What one sees of a list, read from the table: track numbers, or item ids. */
  tracksOf(id: string): Promise<number[]>
  itemsOf(id: string): Promise<string[]>
}

export interface TestList {
  id: string
  items: string[]
}

export const TRACKS = 200

export function trackId(number: number): string {
  return derivedId('track', String(number))
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}

export function person(name: string): Identity & { userId: string } {
  return { ...NOBODY, userId: derivedId('user', name), tier: 'FREE', version: 1 }
}

export async function createTestRoom(history = 10_000, redisUrl?: string): Promise<TestRoom> {
  const database = await createTestDatabase()
  const { url } = database
  const db = new PrismaClient({ adapter: roomAdapter(url, 'playlists', 4) })
  const numbers = new Map(range(0, TRACKS).map((number) => [trackId(number), number]))
  await db.track.createMany({
    data: [...numbers].map(([id, number]) => ({
      id,
      durationMs: 1_000 + number,
      isRemoved: false,
      version: 1,
    })),
  })
  const start = () => startProcess({ databaseUrl: url, redisUrl }, history)
  const first = await start()
  const others: RoomProcess[] = []
  const visible = (id: string) =>
    db.playlistItem.findMany({ where: { playlistId: id, removedAtRevision: null }, orderBy: { rank: 'asc' } })

  return {
    ...first,
    db,
    url,
    async another() {
      const other = await start()
      others.push(other)
      return other
    },
    async create(owner, tracks, input = {}) {
      const made = await first.answer('PlaylistCreate', { input: { name: 'Road trip', ...input } }, owner)
      const list: TestList = { id: made['playlist']?.['id'] as string, items: [] }
      for (let start = 0; start < tracks.length; start += 100) {
        const trackIds = tracks.slice(start, start + 100).map(trackId)
        const added = await first.answer(
          'PlaylistAddItems',
          { input: { playlistId: list.id, trackIds } },
          owner,
        )
        list.items.push(...(added['items'] as readonly Json[]).map((item) => item['id'] as string))
      }
      return list
    },
    async join(id, owner, guest, role = 'EDITOR') {
      const input = { playlistId: id, role, expiresInHours: 1 }
      const invited = await first.answer(INVITE, { input }, owner)
      const joined = await first.answer('PlaylistJoin', { token: invited['invite']?.['token'] }, guest)
      if (joined['playlist'] == null) throw new Error(JSON.stringify(joined))
    },
    tracksOf: async (id) => (await visible(id)).map((item) => numbers.get(item.trackId) ?? -1),
    itemsOf: async (id) => (await visible(id)).map((item) => item.id),
    async [Symbol.asyncDispose]() {
      await Promise.all([first, ...others].map((one) => one[Symbol.asyncDispose]()))
      await db.$disconnect()
      await database[Symbol.asyncDispose]()
    },
  }
}

export const INVITE = `mutation ($input: PlaylistInviteCreateInput!) {
  playlistInviteCreate(input: $input) { invite { token expiresAt } userErrors { code field } }
}`

export const UNDO = `mutation ($input: PlaylistUndoInput!) {
  playlistUndo(input: $input) { revision alreadyApplied userErrors { code message field } }
}`

export const FOLLOW = `mutation ($id: ID!, $follow: Boolean!) {
  playlistFollow(input: { playlistId: $id, follow: $follow }) {
    playlist { id followerCount viewerIsFollowing } userErrors { code }
  }
}`

const operations = readOperations()

async function startProcess(
  { databaseUrl, redisUrl }: Pick<RoomDependencies, 'databaseUrl' | 'redisUrl'>,
  history: number,
): Promise<RoomProcess> {
  const log = await createEmbeddedLog(databaseUrl)
  const logger = createLogger('playlists', 'silent')
  const deps = { databaseUrl, redisUrl, log, logger, home: '', publicUrl: 'http://localhost' }
  const room = await createPlaylistsRoom(deps, { PLAYLIST_HISTORY: history })
  await room.start()
  const ask: RoomProcess['ask'] = (operation, variables = {}, identity = NOBODY) =>
    room.execute({ query: operations.get(operation) ?? operation, variables, identity })
  return {
    room,
    ask,
    async answer(operation, variables, identity) {
      const { data, errors } = await ask(operation, variables, identity)
      if (errors !== undefined) throw new Error(JSON.stringify(errors))
      return Object.values(data ?? {})[0] as Json
    },
    async [Symbol.asyncDispose]() {
      await room.stop()
      await log.close()
    },
  }
}
