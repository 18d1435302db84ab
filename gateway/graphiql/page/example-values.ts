import { type Account, account } from './account.ts'
import { ask } from './api.ts'
import { createPlaylist, ownPlaylist } from './own-playlist.ts'
import { randomId } from './random-id.ts'
import { inviteToken, isManifest, stream } from './seen.ts'
import { session } from './tokens.ts'

export type Sources = Record<string, () => Promise<string> | string>

interface FoundTrack {
  id: string
  artists: { id: string }[]
  album: { id: string } | null
}

const TRACKS = `query Tracks {
  search(query: "love", first: 5) { tracks { edges { node { id artists { id } album { id } } } } }
}`
const ITEMS = 'query Items($id: ID!) { playlist(id: $id) { items(first: 100) { nodes { id } } } }'
const ADD = `mutation Add($input: PlaylistAddItemsInput!) {
  playlistAddItems(input: $input) { items { id } userErrors { message } }
}`
const EPISODES = '{ search(query: "tide", first: 1) { episodes { edges { node { show { id } } } } } }'
const UPLOAD = `mutation Upload($input: UploadCreateInput!) {
  uploadCreate(input: $input) { upload { id } userErrors { message } }
}`
const SESSION = 'mutation { listeningSessionCreate { session { id } userErrors { message } } }'
const EXPORT = 'mutation { privacyExport { job { id } userErrors { message } } }'
const DEVICES = 'query Devices { viewer { devices { id } } }'
const INVITE = `mutation Invite($input: PlaylistInviteCreateInput!) {
  playlistInviteCreate(input: $input) { invite { token } userErrors { message } }
}`

/** Ids that stay true: written into the variables as soon as they can be known. */
export const settled: Sources = {
  track: async () => (await trackAt(0)).id,
  otherTrack: async () => (await trackAt(1)).id,
  artist: async () => (await trackAt(0)).artists[0]?.id ?? missing('No artist was found.'),
  album: async () => (await trackAt(0)).album?.id ?? missing('No album was found.'),
  show: findShow,
  ownArtist: () => managedArtist(),
  user: () => signedIn().viewer.id,
  device: () => signedIn().deviceId ?? missing('This session has no device. Sign in again.'),
  playlist: () => signedIn() && ownPlaylist(),
}

/** What is only right at the moment of sending: new each time, secret, or changed by the run before. */
export const live: Sources = {
  random: randomId,
  now: () => new Date().toISOString(),
  refreshToken: () =>
    (signedIn() && session.get()?.refreshToken) ?? missing('There is no session to refresh.'),
  newPlaylist: () => signedIn() && createPlaylist('A playlist to delete'),
  lastItem: () => signedIn() && lastItem(),
  upload: () => signedIn() && openUpload(),
  spareDevice: () => signedIn() && spareDevice(),
  privacyJob: () => signedIn() && startExport(),
  listeningSession: () => signedIn() && openListeningSession(),
  inviteToken: () => inviteToken.get() ?? (signedIn() && invite()),
  playback: () => {
    const latest = stream.get()
    return isManifest(latest)
      ? latest.playbackId
      : missing('Run PlaybackStart first: there is no playback yet.')
  },
}

let found: Promise<FoundTrack[]> | null = null

async function trackAt(index: number): Promise<FoundTrack> {
  // One search for all examples; an empty or failed one is asked again.
  found ??= findTracks()
  const tracks = await found
  if (tracks.length === 0) found = null
  return tracks[index] ?? tracks[0] ?? missing('Searching "love" found no track: is the catalogue loaded?')
}

async function findTracks(): Promise<FoundTrack[]> {
  type Found = { search: { tracks: { edges: { node: FoundTrack | null }[] } } }
  const { search } = await ask<Found>(TRACKS).catch((error: unknown) => {
    found = null
    throw error
  })
  return search.tracks.edges.flatMap((edge) => edge.node ?? [])
}

async function findShow(): Promise<string> {
  type Found = { search: { episodes: { edges: { node: { show: { id: string } | null } | null }[] } } }
  const { search } = await ask<Found>(EPISODES)
  return search.episodes.edges[0]?.node?.show?.id ?? missing('No show was found.')
}

/** The access token says whom the account manages. */
function managedArtist(): string {
  const [, claims = ''] = (signedIn() && session.get()?.accessToken.split('.')) || []
  const { artists = [] } = JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/'))) as {
    artists?: string[]
  }
  return artists[0] ?? missing('This account manages no artist: sign in as artist@cadenza.example.')
}

async function openUpload(): Promise<string> {
  type Opened = { uploadCreate: { upload: { id: string } | null; userErrors: { message: string }[] } }
  const input = {
    artistId: managedArtist(),
    title: 'An example',
    fileName: 'example.wav',
    sizeBytes: 1_000_000,
  }
  const { uploadCreate: opened } = await ask<Opened>(UPLOAD, { input })
  return opened.upload?.id ?? missing(opened.userErrors[0]?.message ?? 'No upload was opened.')
}

async function openListeningSession(): Promise<string> {
  type Opened = {
    listeningSessionCreate: { session: { id: string } | null; userErrors: { message: string }[] }
  }
  const { listeningSessionCreate: opened } = await ask<Opened>(SESSION)
  return opened.session?.id ?? missing(opened.userErrors[0]?.message ?? 'No session was opened.')
}

/** The last of the first hundred items; an empty playlist is given one. */
async function lastItem(): Promise<string> {
  type Page = { playlist: { items: { nodes: ({ id: string } | null)[] } } | null }
  const playlistId = await ownPlaylist()
  const { playlist } = await ask<Page>(ITEMS, { id: playlistId })
  const last = playlist?.items.nodes.at(-1)
  if (last) return last.id
  type Added = { playlistAddItems: { items: { id: string }[]; userErrors: { message: string }[] } }
  const input = { playlistId, trackIds: [(await trackAt(0)).id] }
  const { playlistAddItems: added } = await ask<Added>(ADD, { input })
  return added.items[0]?.id ?? missing(added.userErrors[0]?.message ?? 'The playlist is empty.')
}

async function spareDevice(): Promise<string> {
  const { viewer } = await ask<{ viewer: { devices: { id: string }[] } }>(DEVICES)
  const other = viewer.devices.find((device) => device.id !== account.get()?.deviceId)
  return other?.id ?? missing('This is your only device. Sign in from another browser, then remove that one.')
}

async function startExport(): Promise<string> {
  type Started = { privacyExport: { job: { id: string } | null; userErrors: { message: string }[] } }
  const { privacyExport: started } = await ask<Started>(EXPORT)
  return started.job?.id ?? missing(started.userErrors[0]?.message ?? 'No export was started.')
}

async function invite(): Promise<string> {
  type Invited = {
    playlistInviteCreate: { invite: { token: string } | null; userErrors: { message: string }[] }
  }
  const input = { playlistId: await ownPlaylist(), role: 'EDITOR', expiresInHours: 24 }
  const { playlistInviteCreate: invited } = await ask<Invited>(INVITE, { input })
  return invited.invite?.token ?? missing(invited.userErrors[0]?.message ?? 'No invitation was made.')
}

function signedIn(): Account {
  return (
    account.get() ?? missing('You are anonymous. Choose an account at the top right, then run this again.')
  )
}

function missing(reason: string): never {
  throw new Error(reason)
}
