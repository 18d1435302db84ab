import { randomUUID } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { derivedId, newId } from '#shared/id.ts'
import { type ApiClient, createApiClient, type Json, list, signIn } from '../testing/client.ts'

const TRACK_IDS = /^track_/

/**
 * The operations that are due, verbatim, as a front end sends them to `address()`. The same list runs over one process and
 * over rooms reached by HTTP.
 */
export function testContract(address: () => string): void {
  let visitor: ApiClient
  let premium: ApiClient
  let free: ApiClient
  let admin: ApiClient
  let loveTracks: Json
  let artistId: string

  beforeAll(async () => {
    visitor = createApiClient(address())
    premium = await signIn(address(), 'premium@cadenza.example')
    free = await signIn(address(), 'free@cadenza.example')
    admin = await signIn(address(), 'admin@cadenza.example')
    const { search } = await visitor.data('Search', { query: 'love', first: 10 })
    loveTracks = search?.['tracks']?.['edges'] as Json
    artistId = String(search?.['artists']?.['edges']?.[0]?.['node']?.['id'])
  })

  const trackId = (index = 0): string => String(loveTracks[index]?.['node']?.['id'])

  test('SignUp creates an account, and says what is wrong with a bad one', async () => {
    const email = `listener-${randomUUID()}@cadenza.example`
    const input = { email, password: 'a long enough password', displayName: 'Nova', country: 'SE' }
    const { signUp } = await visitor.data('SignUp', { input })
    const again = await visitor.data('SignUp', { input })
    const weak = await visitor.data('SignUp', { input: { ...input, email: `x${email}`, password: 'short' } })
    const nowhere = await visitor.data('SignUp', { input: { ...input, email: `y${email}`, country: 'XQ' } })

    expect(signUp).toMatchObject({
      session: { user: { displayName: 'Nova', tier: 'FREE', country: 'SE' } },
      userErrors: [],
    })
    expect(codes(again['signUp'])).toEqual(['EMAIL_TAKEN'])
    expect(codes(weak['signUp'])).toEqual(['PASSWORD_WEAK'])
    expect(codes(nowhere['signUp'])).toEqual(['COUNTRY_UNKNOWN'])
  })

  test('SignIn answers a wrong password and an unknown address alike', async () => {
    const device = { name: 'Test', kind: 'WEB' }
    const wrong = await visitor.data('SignIn', {
      input: { email: 'free@cadenza.example', password: 'not the password', device },
    })
    const unknown = await visitor.data('SignIn', {
      input: { email: 'nobody@cadenza.example', password: 'not the password', device },
    })

    expect(codes(wrong['signIn'])).toEqual(['CREDENTIALS_WRONG'])
    expect(unknown).toEqual(wrong)
  })

  test('SessionRefresh rotates, forgives a repeat at once, and SignOut ends it within a second', async () => {
    const input = {
      email: 'artist@cadenza.example',
      password: 'cadenza-demo',
      device: { name: 'Phone', kind: 'PHONE' },
    }
    const { session } = (await visitor.data('SignIn', { input }))['signIn'] as Json
    const refreshToken = session?.['refreshToken']
    const first = (await visitor.data('SessionRefresh', { refreshToken }))['sessionRefresh'] as Json
    const repeat = (await visitor.data('SessionRefresh', { refreshToken }))['sessionRefresh'] as Json
    const artist = createApiClient(address(), String(first['session']?.['accessToken']))
    const before = await artist.data('Viewer')
    const { signOut } = await artist.data('SignOut')
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    const after = await artist.send('Viewer')

    expect(first['session']?.['refreshToken']).not.toBe(refreshToken)
    expect(repeat['session']?.['refreshToken']).toBe(first['session']?.['refreshToken'])
    expect(before['viewer']?.['email']).toBe('artist@cadenza.example')
    expect(signOut?.['userErrors']).toEqual([])
    expect(after.status).toBe(401)
    expect(after.errors[0]?.extensions.code).toBe('UNAUTHENTICATED')
  })

  test('Viewer is oneself, and null for a visitor', async () => {
    const { viewer } = await premium.data('Viewer')
    const nobody = await visitor.data('Viewer')

    expect(viewer).toMatchObject({ email: 'premium@cadenza.example', tier: 'PREMIUM', country: 'SE' })
    expect(viewer?.['devices']).toContainEqual(
      expect.objectContaining({ id: premium.deviceId, active: true }),
    )
    expect(nobody['viewer']).toBeNull()
  })

  test('UserTierChange is for ADMIN alone', async () => {
    const refused = await premium.data('UserTierChange', { userId: free.userId, tier: 'PREMIUM' })
    const upgraded = await admin.data('UserTierChange', { userId: free.userId, tier: 'PREMIUM' })
    const restored = await admin.data('UserTierChange', { userId: free.userId, tier: 'FREE' })

    expect(codes(refused['userTierChange'])).toEqual(['FORBIDDEN'])
    expect(upgraded['userTierChange']).toMatchObject({ user: { tier: 'PREMIUM' }, userErrors: [] })
    expect(restored['userTierChange']).toMatchObject({ user: { tier: 'FREE' } })
  })

  test('DeviceRemove removes an own device and nobody else’s', async () => {
    const other = await signIn(address(), 'premium@cadenza.example')
    const stolen = await free.data('DeviceRemove', { id: other.deviceId })
    const removed = await premium.data('DeviceRemove', { id: other.deviceId })

    expect(codes(stolen['deviceRemove'])).toEqual(['NOT_FOUND'])
    expect(removed['deviceRemove']).toEqual({ removedId: other.deviceId, userErrors: [] })
  })

  test('Follow follows an artist and a user', async () => {
    const artist = await premium.data('Follow', { id: artistId })
    const person = await premium.data('Follow', { id: free.userId })
    const nobody = await premium.data('Follow', { id: newId('artist') })
    const { viewer } = await premium.data('Viewer')

    expect(artist['follow']).toEqual({ following: true, userErrors: [] })
    expect(person['follow']).toEqual({ following: true, userErrors: [] })
    expect(codes(nobody['follow'])).toEqual(['NOT_FOUND'])
    expect(viewer?.['following']).toMatchObject({
      totalCount: 2,
      nodes: [{ __typename: 'User' }, { __typename: 'Artist' }],
    })
  })

  test('ArtistPage has albums, tracks, top tracks with their plays, and related artists', async () => {
    const { artist } = await visitor.data('ArtistPage', { id: artistId })

    expect(artist?.['albums']?.['edges']?.[0]?.['node']?.['tracks']?.['nodes']?.[0]?.['id']).toMatch(
      TRACK_IDS,
    )
    expect(artist?.['topTracks']?.[0]?.['playCount']).toBeGreaterThanOrEqual(0)
    expect(artist?.['related']?.['nodes']).toHaveLength(5)
    expect((await visitor.data('ArtistPage', { id: newId('artist') }))['artist']).toBeNull()
  })

  test('Nodes answers null for a stranger’s private playlist as for a missing one', async () => {
    const create = { input: { name: 'Mine alone', visibility: 'PRIVATE' } }
    const created = await premium.data('PlaylistCreate', create)
    const secret = String(created['playlistCreate']?.['playlist']?.['id'])
    const ids = [trackId(), secret, newId('playlist'), 'nonsense', premium.userId]
    const { nodes } = await free.data('Nodes', { ids })
    const own = await premium.data('Nodes', { ids: [secret] })

    expect(nodes).toEqual([
      { __typename: 'Track', id: trackId() },
      null,
      null,
      null,
      { __typename: 'User', id: premium.userId },
    ])
    expect(own['nodes']).toEqual([{ __typename: 'Playlist', id: secret }])
  })

  test('Search finds every kind that exists, and Suggest completes', async () => {
    const { search } = await visitor.data('Search', { query: 'love', first: 10 })
    const { suggest } = await visitor.data('Suggest', { prefix: 'lov' })

    for (const kind of ['tracks', 'artists', 'albums'])
      expect(list(search?.[kind]?.['edges']).length, kind).toBeGreaterThan(0)
    expect(search?.['topHit']?.['__typename']).toMatch(/Track|Artist|Album/)
    expect(list(loveTracks).every((edge) => /love/i.test(JSON.stringify(edge['node'])))).toBe(true)
    expect(suggest?.[0]?.['text']).toMatch(/lov/i)
  })

  test('a public playlist is found by its name until it is private again', async () => {
    const name = `Ferry timetable ${randomUUID().slice(0, 8)}`
    const { playlistCreate } = await premium.data('PlaylistCreate', { input: { name, visibility: 'PUBLIC' } })
    const id = playlistCreate?.['playlist']?.['id']
    const found = async (): Promise<unknown[]> => {
      const { search } = await visitor.data('Search', { query: name })
      return list(search?.['playlists']?.['edges']).map((edge) => edge['node']?.['id'])
    }

    await expect.poll(found, { timeout: 5_000 }).toEqual([id])
    await premium.data('PlaylistUpdate', { input: { playlistId: id, visibility: 'PRIVATE' } })
    await expect.poll(found, { timeout: 5_000 }).not.toContain(id)
  })

  test('a playlist lives its whole life: create, add, move, remove, update, invite, join, delete', async () => {
    const { playlistCreate } = await premium.data('PlaylistCreate', {
      input: { name: 'Road', collaborative: true },
    })
    const id = playlistCreate?.['playlist']?.['id']
    const add = { playlistId: id, trackIds: [trackId(0), trackId(1), trackId(2)], nonce: 'one' }
    const added = (await premium.data('PlaylistAddItems', { input: add }))['playlistAddItems'] as Json
    const repeated = (await premium.data('PlaylistAddItems', { input: add }))['playlistAddItems'] as Json
    const items = list(added['items'])
    const itemId = (index: number): string => String(items[index]?.['id'])
    const stranger = await free.data('PlaylistAddItems', { input: add })
    const { invite } = (await premium.data('PlaylistInvite', { id }))['playlistInviteCreate'] as Json
    const joined = await free.data('PlaylistJoin', { token: invite?.['token'] })
    const move = { playlistId: id, itemIds: [itemId(2)], position: { start: true } }
    const moved = await free.data('PlaylistMoveItems', { input: move })
    const removed = await premium.data('PlaylistRemoveItems', {
      input: { playlistId: id, itemIds: [itemId(0)] },
    })
    const updated = await premium.data('PlaylistUpdate', { input: { playlistId: id, name: 'Road, again' } })
    const { playlist } = await free.data('PlaylistPage', { id, first: 2 })
    const deleted = await premium.data('PlaylistDelete', { id })

    expect(added).toMatchObject({ alreadyApplied: false, skipped: [], userErrors: [] })
    expect(items.map((item) => item['track']?.['title']).every((title) => typeof title === 'string')).toBe(
      true,
    )
    expect(repeated).toMatchObject({ revision: added['revision'], alreadyApplied: true })
    expect(codes(stranger['playlistAddItems'])).toEqual(['NOT_FOUND'])
    expect(joined['playlistJoin']).toEqual({ playlist: { id, viewerRole: 'EDITOR' }, userErrors: [] })
    expect(moved['playlistMoveItems']?.['userErrors']).toEqual([])
    expect(removed['playlistRemoveItems']?.['userErrors']).toEqual([])
    expect(updated['playlistUpdate']?.['playlist']?.['name']).toBe('Road, again')
    expect(playlist).toMatchObject({
      viewerRole: 'EDITOR',
      collaborators: [{ role: 'EDITOR' }],
      items: { totalCount: 2 },
    })
    expect(list(playlist?.['items']?.['edges']).map((edge) => edge['node']?.['id'])).toEqual([
      itemId(2),
      itemId(1),
    ])
    expect(deleted['playlistDelete']).toEqual({ deletedId: id, userErrors: [] })
    expect((await premium.data('PlaylistPage', { id }))['playlist']).toBeNull()
  })

  test('PlaylistChanged starts with a snapshot and follows each edit with other rooms’ fields in it', async () => {
    const { playlistCreate } = await premium.data('PlaylistCreate', {
      input: { name: 'Live', visibility: 'PUBLIC' },
    })
    const id = playlistCreate?.['playlist']?.['id']
    const events: Json[] = []
    const watch = visitor.watch('PlaylistChanged', { id }, (data) =>
      events.push(data['playlistChanged'] as Json),
    )
    await expect.poll(() => events.length, { timeout: 5_000 }).toBe(1)
    await premium.data('PlaylistAddItems', { input: { playlistId: id, trackIds: [trackId(0)], nonce: 'n' } })
    await expect.poll(() => events.length, { timeout: 5_000 }).toBe(2)
    watch.leave()
    const since: Json[] = []
    const again = visitor.watch('PlaylistChanged', { id, sinceRevision: events[0]?.['revision'] }, (data) =>
      since.push(data['playlistChanged'] as Json),
    )
    await expect.poll(() => since.length, { timeout: 5_000 }).toBe(1)
    again.leave()

    expect(events[0]).toMatchObject({ kind: 'SNAPSHOT', ops: [] })
    expect(events[1]).toMatchObject({
      kind: 'EDIT',
      nonce: 'n',
      actor: { id: premium.userId, displayName: expect.any(String) },
    })
    expect(events[1]?.['ops']?.[0]?.['items']?.[0]?.['track']).toMatchObject({
      title: expect.stringMatching(/love/i),
    })
    expect(since[0]).toEqual(events[1])
  })

  test('a subscription to a stranger’s private playlist is refused', async () => {
    const { playlistCreate } = await premium.data('PlaylistCreate', { input: { name: 'Closed' } })
    const id = playlistCreate?.['playlist']?.['id']

    expect(await free.watch('PlaylistChanged', { id }, () => undefined).ended).toMatchObject([
      { extensions: { code: 'NOT_FOUND' } },
    ])
  })

  test('PlaybackStart returns a signed manifest, PlaybackRenew another, PlaybackReport counts', async () => {
    const started = await playable(premium)
    const playbackId = started['playbackId']
    const renewed = (await premium.data('PlaybackRenew', { playbackId }))['playbackRenew'] as Json
    const at = new Date().toISOString()
    const events = [
      { eventId: 'e1', playbackId, kind: 'START', positionMs: 0, at },
      { eventId: 'e2', playbackId: newId('playback'), kind: 'HEARTBEAT', positionMs: 10_000, at },
    ]
    const report = await premium.data('PlaybackReport', { events })
    const again = await premium.data('PlaybackReport', { events })

    expect(started).toMatchObject({
      __typename: 'StreamManifest',
      selectedQuality: 'LOSSLESS',
      bufferSeconds: 90,
      presentation: 'FULL',
      licence: null,
      track: { title: expect.any(String), durationMs: expect.any(Number) },
    })
    expect(list(started['qualities']).map((row) => row['quality'])).toEqual([
      'LOW',
      'NORMAL',
      'HIGH',
      'LOSSLESS',
    ])
    expect(renewed['url']).not.toBe(started['url'])
    expect(report['playbackReport']).toEqual({
      accepted: 1,
      rejected: [{ eventId: 'e2', code: 'NOT_FOUND' }],
    })
    expect(again).toEqual(report)
  })

  test('a free account gets NORMAL at most, a stranger’s device is refused, a visitor has to sign in', async () => {
    const started = await playable(free)
    const input = { trackId: started['track']?.['id'], deviceId: premium.deviceId, networkKbps: 20_000 }
    const denied = await free.data('PlaybackStart', { input })
    const nobody = await visitor.send('PlaybackStart', { input })

    expect(started).toMatchObject({ selectedQuality: 'NORMAL', bufferSeconds: 45 })
    expect(list(started['qualities']).map((row) => row['quality'])).toEqual(['LOW', 'NORMAL'])
    expect(denied['playbackStart']).toMatchObject({
      __typename: 'StreamDenied',
      code: 'DEVICE',
      retryable: false,
    })
    expect(nobody.errors[0]?.extensions.code).toBe('UNAUTHENTICATED')
  })

  test('Trending and Recommendations answer from real rows, with reasons', async () => {
    const { trending } = await visitor.data('Trending', { country: 'SE' })
    const { recommendations } = await premium.data('Recommendations', { seeds: [trackId(0)], first: 5 })
    const edges = recommendations?.['edges'] as Json

    expect(trending?.['nodes']).toHaveLength(20)
    expect(edges).toHaveLength(5)
    expect(edges[0]).toMatchObject({
      because: [{ strategy: 'CONTENT', seed: { __typename: 'Track' } }],
      node: { title: expect.any(String) },
    })
  })

  test.each([0, 101, -1])('first: %d is BAD_USER_INPUT', async (first) => {
    const { errors } = await premium.send('PlaylistPage', {
      id: derivedId('playlist', 'demo:flat-4b-living-room'),
      first,
    })

    expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT')
  })

  test.each([
    ['a forged token', 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyX2EifQ.'],
    ['no bearer', 'Basic Zm9vOmJhcg=='],
    ['an empty one', 'Bearer '],
  ])('%s is UNAUTHENTICATED, never anonymous', async (_, authorization) => {
    const headers = { 'content-type': 'application/json', authorization }
    const response = await fetch(address(), {
      method: 'POST',
      headers,
      body: JSON.stringify({ query: '{ __typename }' }),
    })

    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
  })
}

/** A manifest of one of the tracks that are ready from the start. */
async function playable(client: ApiClient): Promise<Json> {
  const { search } = await client.data('Search', { query: 'Everyone I Love Is Asleep', first: 1 })
  const trackId = search?.['tracks']?.['edges']?.[0]?.['node']?.['id']
  const input = { trackId, deviceId: client.deviceId, networkKbps: 20_000 }
  return (await client.data('PlaybackStart', { input }))['playbackStart'] as Json
}

function codes(payload: Json | undefined): unknown[] {
  return list(payload?.['userErrors']).map((error) => error['code'])
}
