import type { LocalRoom, RoomDependencies } from '#shared/room.ts'
import { createCatalogRoom } from '../../subgraphs/catalog/server.ts'
import { createPlaybackRoom } from '../../subgraphs/playback/server.ts'
import { createPlaylistsRoom } from '../../subgraphs/playlists/server.ts'
import { createRecommendationsRoom } from '../../subgraphs/recommendations/server.ts'
import { createUsersRoom } from '../../subgraphs/users/server.ts'

/** All five rooms in this process. Only here does anything know them all. */
export async function createRooms(deps: RoomDependencies) {
  const rooms = {
    users: await createUsersRoom(deps),
    catalog: await createCatalogRoom(deps),
    playlists: await createPlaylistsRoom(deps),
    playback: await createPlaybackRoom(deps),
    recommendations: await createRecommendationsRoom(deps),
  }
  const all: readonly LocalRoom[] = Object.values(rooms)
  return {
    ...rooms,
    all,
    async start() {
      for (const room of all) await room.start()
    },
    async stop() {
      for (const room of all) await room.stop()
    },
  }
}

export type Rooms = Awaited<ReturnType<typeof createRooms>>
