import { newId } from '#shared/id.ts'
import { type ApiClient, createApiClient, type Json, list } from '../../testing/client.ts'
import { findTracks, signUpPeople } from '../playlists/people.ts'
import { WORDS } from './arguments.ts'

/** Who may see the list while it is private, and who may not. */
export const MAY_SEE = ['owner', 'editor', 'viewer'] as const
export const MAY_NOT_SEE = ['follower', 'stranger', 'anonymous', 'former'] as const
export type Role = (typeof MAY_SEE)[number] | (typeof MAY_NOT_SEE)[number]

export type Cast = Readonly<Record<Role, ApiClient>>

/** Ids by their types: of what there is, or of what never was. */
export type Ids = Readonly<Record<string, string>>

/** A list with everything that one can have, in a folder of its owner's. */
export interface Secret {
  ids: Ids
  /** None of this may be in an answer to who may not see the list. */
  marks: readonly string[]
}

export async function gatherCast(url: string): Promise<Cast> {
  const [owner, editor, viewer, follower, stranger, former] = await signUpPeople(url, 6)
  return { owner, editor, viewer, follower, stranger, former, anonymous: createApiClient(url) } as Cast
}

/** Things that everybody may know of: the same whether or not there is a secret. */
export async function publicIds({ owner }: Cast): Promise<Ids> {
  const { genres } = await owner.data(
    '{ genres(first: 1) { nodes { id tracks(first: 1) { nodes { id album { id } artists { id } } } } } }',
  )
  const genre = list(genres?.['nodes'])[0] as Json
  const track = list(genre['tracks']?.['nodes'])[0] as Json
  return {
    Genre: String(genre['id']),
    Track: String(track['id']),
    Album: String(track['album']?.['id']),
    Artist: String(list(track['artists'])[0]?.['id']),
    User: owner.userId,
    Device: newId('device'),
    Show: newId('show'),
    Episode: newId('episode'),
    Playback: newId('playback'),
    Event: newId('event'),
    Invite: newId('invite'),
    RightsHolder: newId('holder'),
  }
}

/** Ids of a list, an item and a folder that never were. */
export function missingIds(): Ids {
  return { Playlist: newId('playlist'), PlaylistItem: newId('item'), PlaylistFolder: newId('folder') }
}

/** The variables of a question, by the types of its ids. */
export function idsFor({ idTypes }: { idTypes: readonly string[] }, ids: Ids): Record<string, string> {
  return Object.fromEntries(idTypes.map((type) => [type, requireId(ids, type)]))
}

export function requireId(ids: Ids, type: string): string {
  const id = ids[type]
  if (id === undefined) throw new Error(`The matrix has no ${type}: make one in visibility/cast.ts`)
  return id
}

const DESCRIPTION = 'Zephyr over the marmalade lighthouse'

/** Makes the list, public at first: followed by the follower, edited, joined, left by who was in it, and in a folder. */
export async function makeSecret({ owner, editor, viewer, follower, former }: Cast): Promise<Secret> {
  const input = { name: WORDS, description: DESCRIPTION, visibility: 'PUBLIC', collaborative: true }
  const { playlistCreate } = await owner.data('PlaylistCreate', { input })
  const playlistId = String(playlistCreate?.['playlist']?.['id'])
  const tracks = await findTracks(owner)
  const trackIds = tracks.slice(0, 4).map(({ id }) => id)
  const { playlistAddItems } = await owner.data('PlaylistAddItems', { input: { playlistId, trackIds } })
  const itemIds = list(playlistAddItems?.['items']).map((item) => String(item['id']))
  for (const [role, people] of [
    ['EDITOR', [editor, former]],
    ['VIEWER', [viewer]],
  ] as const) {
    const invite = { playlistId, role, expiresInHours: 24 }
    const { playlistInviteCreate } = await owner.data(INVITE, { input: invite })
    for (const person of people)
      await person.data('PlaylistJoin', { token: playlistInviteCreate?.['invite']?.['token'] })
  }
  await former.data('PlaylistCollaboratorRemove', { playlistId, userId: former.userId })
  await follower.data('PlaylistFollow', { id: playlistId })
  const { playlistFolderCreate } = await owner.data(FOLDER, { input: { name: `Folder of ${DESCRIPTION}` } })
  const folderId = String(playlistFolderCreate?.['folder']?.['id'])
  await owner.data(PUT, { input: { folderId, playlistIds: [playlistId] } })
  return {
    ids: { Playlist: playlistId, PlaylistItem: itemIds[0] ?? '', PlaylistFolder: folderId },
    marks: [WORDS, DESCRIPTION, playlistId, folderId, ...itemIds],
  }
}

export async function hide({ owner }: Cast, { ids }: Secret): Promise<void> {
  const input = { playlistId: ids['Playlist'], visibility: 'PRIVATE' }
  await owner.data('PlaylistUpdate', { input })
}

const INVITE = `mutation ($input: PlaylistInviteCreateInput!) {
  playlistInviteCreate(input: $input) { invite { token } userErrors { code } }
}`
const FOLDER = `mutation ($input: PlaylistFolderCreateInput!) {
  playlistFolderCreate(input: $input) { folder { id } userErrors { code } }
}`
const PUT = `mutation ($input: PlaylistFolderPutInput!) {
  playlistFolderPut(input: $input) { userErrors { code } }
}`
