import { randomUUID } from 'node:crypto'
import { type ApiClient, createApiClient, list } from '../../testing/client.ts'

const SIGN_UP = `mutation ($input: SignUpInput!) {
  signUp(input: $input) { session { accessToken user { id } } userErrors { code message } }
}`

/** As many at once as the users room hashes passwords for, and few enough not to be sent away. */
const AT_ONCE = 4

/** New accounts, each signed in for as long as an access token is good: 10 minutes. */
export async function signUpPeople(door: string, count: number): Promise<ApiClient[]> {
  const people: ApiClient[] = []
  const signUp = async (): Promise<void> => {
    const client = createApiClient(door)
    const email = `${randomUUID()}@cadenza.example`
    const input = { email, password: randomUUID(), displayName: `Person ${email.slice(0, 4)}`, country: 'SE' }
    const session = (await client.data(SIGN_UP, { input }))['signUp']?.['session']
    client.token = String(session?.['accessToken'])
    client.userId = String(session?.['user']?.['id'])
    people.push(client)
  }
  let begun = 0
  const signUpOn = async (): Promise<void> => {
    while (begun++ < count) await signUp()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, signUpOn))
  return people
}

/** A collaborative list of the first of them, which all of them may edit. */
export async function createSharedList(
  people: readonly ApiClient[],
  visibility: 'PUBLIC' | 'PRIVATE' = 'PRIVATE',
): Promise<string> {
  const [owner, ...editors] = people as [ApiClient, ...ApiClient[]]
  const input = { name: 'Everybody', collaborative: true, visibility }
  const { playlistCreate } = await owner.data('PlaylistCreate', { input })
  const id = String(playlistCreate?.['playlist']?.['id'])
  const { playlistInviteCreate } = await owner.data('PlaylistInvite', { id })
  const token = playlistInviteCreate?.['invite']?.['token']
  for (const editor of editors) await editor.data('PlaylistJoin', { token })
  return id
}

/** Some tracks of the catalogue. */
export async function findTracks(client: ApiClient): Promise<{ id: string }[]> {
  const { genres } = await client.data(
    '{ genres(first: 3) { nodes { tracks(first: 50) { nodes { id } } } } }',
  )
  const tracks = list(genres?.['nodes']).flatMap((genre) => list(genre['tracks']?.['nodes']))
  return tracks.map((track) => ({ id: String(track['id']) }))
}
