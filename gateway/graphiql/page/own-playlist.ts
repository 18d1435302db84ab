import { account } from './account.ts'
import { ask } from './api.ts'
import { recall, remember } from './memory.ts'

const FIND = 'query Playlist($id: ID!) { playlist(id: $id) { id } }'
const CREATE = `mutation PlaylistCreate($input: PlaylistCreateInput!) {
  playlistCreate(input: $input) { playlist { id } userErrors { message } }
}`

/** The example playlists by user id: the one made here, or joined since. */
export function examplePlaylists(): Record<string, string> {
  return recall<Record<string, string>>(localStorage, 'playlists') ?? {}
}

/** Whoever joins a playlist goes on with that one. */
export function keepAsExample(playlistId: string): void {
  const userId = account.get()?.viewer.id
  if (userId) remember(localStorage, 'playlists', { ...examplePlaylists(), [userId]: playlistId })
}

let pending: Promise<string> | null = null

/** The playlist that the account's examples edit, made now when there is none. */
export function ownPlaylist(): Promise<string> {
  pending ??= findOrCreate().finally(() => {
    pending = null
  })
  return pending
}

/** A new private playlist of the signed-in account. */
export async function createPlaylist(name: string): Promise<string> {
  const input = { name, visibility: 'PRIVATE', collaborative: true }
  type Created = { playlistCreate: { playlist: { id: string } | null; userErrors: { message: string }[] } }
  const { playlistCreate } = await ask<Created>(CREATE, { input })
  if (playlistCreate.playlist) return playlistCreate.playlist.id
  throw new Error(playlistCreate.userErrors[0]?.message ?? 'The playlist was not created.')
}

async function findOrCreate(): Promise<string> {
  const id = examplePlaylists()[account.get()?.viewer.id ?? '']
  if (id !== undefined) {
    const { playlist } = await ask<{ playlist: { id: string } | null }>(FIND, { id })
    if (playlist) return id
  }
  const created = await createPlaylist('GraphiQL playlist')
  keepAsExample(created)
  return created
}
