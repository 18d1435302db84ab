import { beforeAll, expect, test } from 'vitest'
import { type ApiClient, createApiClient, type Json, list } from '../../testing/client.ts'
import { type Person, signUpPerson } from '../privacy/person.ts'
import { type Cast, codes } from './cast.ts'

const PATIENCE = { timeout: 20_000, interval: 200 }

/** What followers see of somebody, and how a person gets all that is known of them, or has it gone. */
export function testPrivacy(cast: () => Cast, address: () => string): void {
  let admin: ApiClient
  let ann: Person
  let ben: Person

  beforeAll(async () => {
    ;({ admin } = cast())
    ;[ann, ben] = await Promise.all([signUpPerson(address()), signUpPerson(address())])
    await ben.data('Follow', { id: ann.userId })
  })

  const feed = async (): Promise<readonly Json[]> =>
    list((await ben.data('Feed'))['viewer']?.['activityFeed']?.['nodes'])
  const jobOf = async (who: ApiClient, id: unknown): Promise<Json> =>
    (await who.data('PrivacyJob', { id }))['node'] as Json

  test('Feed tells what those one follows did, for as long as it may be seen', async () => {
    const input = { name: `List of ${ann.word}`, visibility: 'PUBLIC' }
    const { playlistCreate } = await ann.data('PlaylistCreate', { input })
    await ann.data('Follow', { id: cast().artistId })
    const actor = { displayName: `Person ${ann.word}` }
    const published = { at: expect.any(String), actor, verb: 'PUBLISHED' }
    const followed = { at: expect.any(String), actor, verb: 'FOLLOWED', subject: { __typename: 'Artist' } }
    await expect.poll(feed, PATIENCE).toHaveLength(2)

    expect(await feed()).toEqual(
      expect.arrayContaining([
        followed,
        { ...published, subject: { __typename: 'Playlist', name: input.name } },
      ]),
    )

    const playlistId = playlistCreate?.['playlist']?.['id']
    await ann.data('PlaylistUpdate', { input: { playlistId, visibility: 'PRIVATE' } })
    await expect.poll(feed, PATIENCE).toEqual([followed])
  }, 60_000)

  test('UserSettingsUpdate is of oneself, and off until somebody says so', async () => {
    const settings = '{ viewer { settings { sharesPlays } } }'
    const before = await ann.data(settings)
    const { userSettingsUpdate } = await ann.data('UserSettingsUpdate', { input: { sharesPlays: true } })

    expect(before['viewer']?.['settings']).toEqual({ sharesPlays: false })
    expect(userSettingsUpdate).toEqual({ user: { settings: { sharesPlays: true } }, userErrors: [] })
  }, 60_000)

  test('PrivacyExport is done room by room, as PrivacyJob tells its owner, and is one archive', async () => {
    const { privacyExport } = await ann.data('PrivacyExport')
    const id = privacyExport?.['job']?.['id']
    await expect.poll(async () => (await jobOf(ann, id))['state'], PATIENCE).toBe('DONE')
    const job = await jobOf(ann, id)
    const archive = await fetch(String(job['downloadUrl']))

    expect(privacyExport).toMatchObject({ job: { downloadUrl: null }, userErrors: [] })
    expect(list(job['rooms']).map(({ room, state }) => `${room} ${state}`)).toEqual(
      ['users', 'catalog', 'playlists', 'playback', 'recommendations'].map((room) => `${room} DONE`),
    )
    expect(archive.status).toBe(200)
    expect(Buffer.from(await archive.arrayBuffer()).subarray(0, 4)).toEqual(Buffer.from('PK\x03\x04'))
    expect(await jobOf(ben, id)).toBeNull()
  }, 60_000)

  test('PrivacyErase asks for the password, and then there is nobody any more', async () => {
    const refused = await ann.data('PrivacyErase', { password: 'another password' })
    const { privacyErase } = await ann.data('PrivacyErase', { password: ann.password })
    const id = privacyErase?.['job']?.['id']
    await expect.poll(async () => (await jobOf(admin, id))['state'], PATIENCE).toBe('DONE')
    const user = await createApiClient(address()).data('query ($id: ID!) { user(id: $id) { id } }', {
      id: ann.userId,
    })

    expect(codes(refused['privacyErase'])).toEqual(['CREDENTIALS_WRONG'])
    expect(privacyErase).toMatchObject({ job: { state: 'QUEUED' }, userErrors: [] })
    expect(user['user']).toBeNull()
    await expect.poll(feed, PATIENCE).toEqual([])
    // The door hears of ended sessions within a second.
    await expect.poll(async () => (await ann.send('Viewer')).status, { timeout: 2_000 }).toBe(401)
  }, 60_000)
}
