import pg from 'pg'
import { createEmbeddedLog } from '#shared/event-log.ts'
import { derivedId } from '#shared/id.ts'
import { anonymous, type Identity } from '#shared/identity.ts'
import type { LocalRoom } from '#shared/room.ts'
import { createLogger } from '#shared/telemetry.ts'
import { createPlaylistsRoom } from '../../../subgraphs/playlists/server.ts'
import { readOperations } from '../../../subgraphs/playlists/testing/operations.ts'
import { readTable, type Table } from './table.ts'

/** The playlists room over a database with every room's tables, as several processes of it would be, without the door. */
export interface Stage extends AsyncDisposable {
  /** They know nothing of each other but the database. */
  rooms: readonly LocalRoom[]
  tracks: readonly { id: string }[]
  /** A collaborative list of `people[0]`, with all of them as editors and the first `count` tracks. */
  createList(people: readonly Person[], count: number): Promise<string>
  read(playlistId: string): Promise<Table>
}

export type Person = Identity & { readonly userId: string }

const TRACKS = 60
const operations = readOperations()

export function person(name: string): Person {
  return { ...anonymous('SE'), userId: derivedId('user', name), tier: 'FREE', version: 1 }
}

export async function openStage(databaseUrl: string, processes: number): Promise<Stage> {
  const log = await createEmbeddedLog(databaseUrl)
  const logger = createLogger('playlists', 'error')
  const deps = { databaseUrl, log, logger, home: '', publicUrl: 'http://localhost' }
  const rooms: LocalRoom[] = []
  for (let n = 0; n < processes; n++) rooms.push(await createPlaylistsRoom(deps))
  for (const room of rooms) await room.start()
  const db = new pg.Pool({ connectionString: databaseUrl, max: 4 })
  db.on('error', () => undefined) // idle connections that end with their server
  const tracks = Array.from({ length: TRACKS }, (_, n) => ({ id: derivedId('track', String(n)) }))
  const trackIds = tracks.map(({ id }) => id)
  await db.query(
    'INSERT INTO playlists.track (id, duration_ms, is_removed, version) SELECT unnest($1::text[]), 1000, false, 1',
    [trackIds],
  )

  async function edit(operation: string, input: object, identity: Person): Promise<unknown> {
    const query = operations.get(operation) ?? ''
    const answer = await rooms[0]?.execute({ query, variables: { input }, identity })
    if (answer?.errors !== undefined) throw new Error(JSON.stringify(answer.errors))
    return Object.values(answer?.data ?? {})[0]
  }

  return {
    rooms,
    tracks,
    async createList(people, count) {
      const [owner, ...editors] = people as [Person, ...Person[]]
      const made = await edit('PlaylistCreate', { name: 'Road trip', collaborative: true }, owner)
      const playlistId = (made as { playlist: { id: string } }).playlist.id
      if (count > 0) await edit('PlaylistAddItems', { playlistId, trackIds: trackIds.slice(0, count) }, owner)
      await db.query(
        "INSERT INTO playlists.collaborator (playlist_id, user_id, role) SELECT $1, unnest($2::text[]), 'EDITOR'",
        [playlistId, editors.map(({ userId }) => userId)],
      )
      return playlistId
    },
    read: (playlistId) => readTable(db, playlistId),
    async [Symbol.asyncDispose]() {
      for (const room of rooms) await room.stop()
      await log.close()
      await db.end()
    },
  }
}
