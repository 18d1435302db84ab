import { beforeAll, expect, test } from 'vitest'
import { type ApiClient, type Json, list } from '../../testing/client.ts'
import { type Cast, codes } from './cast.ts'

const PATIENCE = { timeout: 30_000 }

/** What plays on all devices, listening together, and what devices hold offline. */
export function testPlayer(cast: () => Cast): void {
  let visitor: ApiClient
  let premium: ApiClient
  let free: ApiClient
  let songs: string[]

  beforeAll(() => {
    ;({ visitor, premium, free } = cast())
    songs = list(cast().loveTracks).map((edge) => String(edge['node']?.['id']))
  })

  const control = async (client: ApiClient, input: object): Promise<Json> =>
    (await client.data('PlayerControl', { input }))['playerControl'] as Json

  /** What a subscription says, each time it says something. */
  function follow(client: ApiClient, name: string, field: string): { told: Json[]; leave(): void } {
    const told: Json[] = []
    const { leave } = client.watch(name, {}, (data) => told.push(data[field] as Json))
    return { told, leave }
  }

  test('PlayerControl plays, PlayerChanged tells every device, Player is what they were told', async () => {
    const { told, leave } = follow(premium, 'PlayerChanged', 'playerChanged')
    await expect.poll(() => told.length, PATIENCE).toBeGreaterThan(0)

    const played = await control(premium, { play: { ids: songs.slice(0, 3) }, deviceId: premium.deviceId })
    const { viewer } = await premium.data('Player')
    const player = viewer?.['player']

    expect(codes(played)).toEqual([])
    expect(played['player']).toMatchObject({ playing: true, device: { id: premium.deviceId } })
    expect(player).toMatchObject({
      ...{ playing: true, rate: 1, repeat: 'OFF', shuffle: false, revokedBy: null },
      device: { id: premium.deviceId, name: 'Test' },
      current: { item: { __typename: 'Track', title: expect.any(String) } },
    })
    expect(list(player?.['queue']?.['nodes']).map((node) => node['item']?.['__typename'])).toEqual([
      'Track',
      'Track',
    ])
    await expect
      .poll(() => told.at(-1), PATIENCE)
      .toMatchObject({
        playing: true,
        current: {
          queueItemId: player?.['current']?.['queueItemId'],
          item: { artists: [{ name: expect.any(String) }] },
        },
      })
    expect(codes(await control(premium, { pause: true, next: true }))).toEqual(['BAD_USER_INPUT'])
    expect(codes(await control(premium, { pause: true }))).toEqual([])
    leave()
  })

  test('who comes into a ListeningSession has its player, and its own again when it leaves', async () => {
    const created = (await premium.data('ListeningSessionCreate'))['listeningSessionCreate'] as Json
    const sessionId = created['session']?.['id']
    const joined = (await free.data('ListeningSessionJoin', { sessionId }))['listeningSessionJoin'] as Json
    const { told, leave } = follow(free, 'ListeningSessionChanged', 'listeningSessionChanged')
    await expect.poll(() => told.length, PATIENCE).toBeGreaterThan(0)

    await control(premium, { play: { ids: [songs[1]] } })
    await expect
      .poll(() => told.at(-1)?.['player'], PATIENCE)
      .toMatchObject({ playing: true, current: { item: { __typename: 'Track' } } })
    const left = (await free.data('ListeningSessionLeave'))['listeningSessionLeave'] as Json
    const nobody = (await free.data('ListeningSessionJoin', { sessionId: 'listening_x' }))[
      'listeningSessionJoin'
    ] as Json

    expect(created['session']?.['host']?.['id']).toBe(premium.userId)
    expect(list(joined['session']?.['members']).map((member) => member['id'])).toEqual([
      premium.userId,
      free.userId,
    ])
    expect([codes(left), codes(nobody)]).toEqual([[], ['NOT_FOUND']])
    expect((await free.data('Player'))['viewer']?.['player']).toMatchObject({ current: null })
    await premium.data('ListeningSessionLeave')
    leave()
  })

  test('OfflineAdd holds, OfflineDelta says what to store, OfflineLicenceRenew opens it; FREE has none of it', async () => {
    const { deviceId } = premium
    const input = { deviceId, ids: [songs[0]], quality: 'LOW' }
    const added = (await premium.data('OfflineAdd', { input }))['offlineAdd'] as Json
    const deltaSince = async (sinceRevision: number): Promise<Json> =>
      (await premium.data('OfflineDelta', { deviceId, sinceRevision }))['offlineDelta'] as Json
    const held = await deltaSince(0)
    const refused = (await free.data('OfflineAdd', { input: { ...input, deviceId: free.deviceId } }))[
      'offlineAdd'
    ]
    const lapsed = await free.data('OfflineLicenceRenew', { deviceId: free.deviceId })

    expect(added).toMatchObject({ added: 1, tooMany: 0, userErrors: [] })
    expect(held).toMatchObject({
      usedTracks: 1,
      quotaTracks: 10_000,
      tasks: [{ action: 'STORE', track: { id: songs[0] }, quality: 'LOW' }],
    })
    const renewed = (await premium.data('OfflineLicenceRenew', { deviceId }))['offlineLicenceRenew'] as Json
    expect(codes(renewed)).toEqual([])
    expect(renewed['licence']).toMatchObject({
      token: expect.any(String),
      keys: [{ keyId: expect.any(String) }],
    })
    const removed = (await premium.data('OfflineRemove', { input: { deviceId, ids: [songs[0]] } }))[
      'offlineRemove'
    ]
    expect(removed).toMatchObject({ removed: 1, userErrors: [] })
    expect(list((await deltaSince(Number(held['revision'])))['tasks']).map((task) => task['action'])).toEqual(
      ['DELETE'],
    )
    expect([codes(refused), codes(lapsed['offlineLicenceRenew'])]).toEqual([['TIER'], ['TIER']])
  })

  test('OfflineReport takes what was played without a network, of what the device holds', async () => {
    const { deviceId } = premium
    const sentAt = new Date().toISOString()
    const events = [{ eventId: 'o1', kind: 'START', positionMs: 0, at: sentAt }]
    const play = { playId: 'play-1', trackId: songs[5], events }
    const { errors, data } = await premium.send('OfflineReport', {
      input: { deviceId, sentAt, plays: [play] },
    })

    expect(errors).toEqual([])
    expect(data['offlineReport']).toMatchObject({ accepted: 0, rejected: [{ eventId: 'o1' }] })
  })

  test('a visitor has no player, no session and nothing offline', async () => {
    const { viewer } = await visitor.data('Player')
    const asked = await Promise.all([
      visitor.send('PlayerControl', { input: { pause: true } }),
      visitor.send('ListeningSessionCreate'),
      visitor.send('OfflineDelta', { deviceId: premium.deviceId, sinceRevision: 0 }),
    ])

    expect(viewer).toBeNull()
    expect(asked.map(({ errors }) => errors[0]?.extensions.code)).toEqual(Array(3).fill('UNAUTHENTICATED'))
  })
}
