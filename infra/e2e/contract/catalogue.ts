import { randomUUID } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { newId } from '#shared/id.ts'
import { type ApiClient, type Json, list } from '../../testing/client.ts'
import { type Cast, codes, playable } from './cast.ts'

const TRACK_IDS = /^track_/

/** Artists, nodes and search. */
export function testCatalogue(cast: () => Cast): void {
  let visitor: ApiClient
  let premium: ApiClient
  let free: ApiClient
  let admin: ApiClient
  let loveTracks: Json
  let artistId: string

  beforeAll(() => {
    ;({ visitor, premium, free, admin, loveTracks, artistId } = cast())
  })

  const trackId = (index = 0): string => String(loveTracks[index]?.['node']?.['id'])

  test('TrackPage has all of a track, and what the viewer may do with it', async () => {
    const id = trackId()
    const { track } = await premium.data('TrackPage', { id })
    const visited = (await visitor.data('TrackPage', { id }))['track']

    expect(track).toMatchObject({
      id,
      durationMs: expect.any(Number),
      explicit: expect.any(Boolean),
      playable: { allowed: true, reason: null },
      album: { title: expect.any(String), kind: expect.stringMatching(/^(ALBUM|SINGLE|EP|COMPILATION)$/) },
      artists: [{ id: expect.stringMatching(/^artist_/), name: expect.any(String) }],
      audioFeatures: { tempo: expect.any(Number), speechiness: expect.any(Number) },
      playCount: expect.any(Number),
      viewerHasSaved: expect.any(Boolean),
    })
    expect(list(track?.['album']?.['tracks']?.['nodes']).map((node) => node['id'])).toContain(id)
    expect(list(track?.['markets'])).toContain('SE')
    expect(list(track?.['genres']).length).toBeGreaterThan(0)
    expect(track?.['similar']?.['nodes']).toHaveLength(5)
    expect(visited).toMatchObject({ id, title: track?.['title'], viewerHasSaved: null })
    expect((await visitor.data('TrackPage', { id: newId('track') }))['track']).toBeNull()
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

  test('Browse has genres with their tracks, and the newest albums first', async () => {
    const { genres, newReleases } = await visitor.data('Browse')
    const dates = list(newReleases?.['nodes']).map((album) => String(album['releaseDate']))

    expect(genres?.['nodes']?.[0]?.['tracks']?.['nodes']).toHaveLength(5)
    expect(dates).toHaveLength(10)
    expect(dates).toEqual(dates.toSorted().reverse())
  })

  test('Podcast has episodes, the newest first, with chapters and how far one has come', async () => {
    const { search } = await visitor.data(
      '{ search(query: "Low Water") { episodes { edges { node { show { id } } } } } }',
    )
    const id = search?.['episodes']?.['edges']?.[0]?.['node']?.['show']?.['id']
    const { show } = await premium.data('Podcast', { id })

    expect(show?.['episodes']?.['nodes']).toHaveLength(8)
    for (const episode of list(show?.['episodes']?.['nodes']))
      expect(episode).toMatchObject({
        durationMs: expect.any(Number),
        chapters: expect.any(Array),
        resumePoint: null,
      })
  })

  test('what ADMIN takes down is played and found by nobody within a second, until it is back', async () => {
    const { track } = await playable(premium)
    const id = String(track?.['id'])
    const title = String(track?.['title'])
    const start = async (): Promise<unknown> => {
      const input = { trackId: id, deviceId: premium.deviceId, networkKbps: 20_000 }
      const { playbackStart } = await premium.data('PlaybackStart', { input })
      return playbackStart?.['code'] ?? playbackStart?.['__typename']
    }
    const found = async (): Promise<unknown[]> => {
      const { search } = await visitor.data('Search', { query: title })
      return list(search?.['tracks']?.['edges']).map((edge) => edge['node']?.['id'])
    }
    const charted = async (): Promise<unknown[]> => {
      const { trending } = await visitor.data('Trending', { country: 'SE' })
      return list(trending?.['nodes']).map((node) => node['id'])
    }
    const input = { id, reason: 'A claim' }

    expect(codes((await premium.data('CatalogTakeDown', { input }))['catalogTakeDown'])).toEqual([
      'FORBIDDEN',
    ])
    expect(await start()).toBe('StreamManifest')
    expect(codes((await admin.data('CatalogTakeDown', { input }))['catalogTakeDown'])).toEqual([])
    await expect.poll(start, { timeout: 1_000, interval: 50 }).toBe('TAKEN_DOWN')
    await expect.poll(found, { timeout: 1_000, interval: 50 }).not.toContain(id)
    await expect.poll(charted, { timeout: 10_000 }).not.toContain(id)
    const { nodes } = await visitor.data('Nodes', { ids: [id] })
    expect(nodes).toEqual([{ __typename: 'Track', id }])
    const [down] = list((await admin.data('CatalogTakedowns'))['catalogTakedowns']?.['nodes'])
    const { node: me } = await admin.data(
      'query ($id: ID!) { node(id: $id) { ... on User { displayName } } }',
      {
        id: admin.userId,
      },
    )
    expect(down).toMatchObject({ target: { id, title }, reason: 'A claim', takenBy: me, restoredBy: null })
    expect((await premium.data('CatalogTakedowns'))['catalogTakedowns']).toBeNull()

    expect(codes((await admin.data('CatalogRestore', { input: { id } }))['catalogRestore'])).toEqual([])
    await expect.poll(start, { timeout: 1_000, interval: 50 }).toBe('StreamManifest')
    await expect.poll(found, { timeout: 1_000, interval: 50 }).toContain(id)
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
}
