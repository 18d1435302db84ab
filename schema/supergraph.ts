import { readFile } from 'node:fs/promises'

/** The five rooms, in the order in which they are composed, started and migrated. */
export const ROOMS = ['users', 'catalog', 'playlists', 'playback', 'recommendations'] as const
export type RoomName = (typeof ROOMS)[number]

export const SUPERGRAPH_FILE = new URL('supergraph.graphql', import.meta.url)

/** The committed supergraph: what the door loads. Composing it is for `npm run generate` alone. */
export function readSupergraph(): Promise<string> {
  return readFile(SUPERGRAPH_FILE, 'utf8')
}
