import { afterAll, beforeAll, expect, test } from 'vitest'
import { derivedId } from '#shared/id.ts'
import type { Identity } from '#shared/identity.ts'
import type { RoomResponse } from '#shared/room.ts'
import {
  createTestRoom,
  type Json,
  list,
  NOBODY,
  type Person,
  type TestRoom,
} from './testing/playback-room.ts'
import { assetOf, NOW } from './testing/signed.ts'

let playback: TestRoom
let songs: string[]
let episode: string

beforeAll(async () => {
  playback = await createTestRoom()
  songs = await Promise.all(
    ['one', 'two', 'three', 'four'].map((key) =>
      playback.addPlayable(key, { durationMs: 60_000, asset: assetOf(key, 1_100) }),
    ),
  )
  episode = await playback.addPlayable('talk', {
    kind: 'episode',
    durationMs: 600_000,
    asset: assetOf('talk', 1_100),
  })
})
afterAll(() => playback[Symbol.asyncDispose]())

const STATE = `revision playing positionMs at rate repeat shuffle contextId device { id } revokedBy { id }
  current { queueItemId item { __typename ... on Track { id } ... on Episode { id } } }
  queue(first: 100) { totalCount nodes { queueItemId item { ... on Track { id } } } }`
const CONTROL = `mutation ($input: PlayerControlInput!) {
  playerControl(input: $input) { player { ${STATE} } userErrors { code field } }
}`

const control = async (person: Pick<Person, 'identity'>, input: object): Promise<Json> => {
  const { playerControl } = await playback.answer(CONTROL, { input }, person.identity)
  return playerControl as Json
}
const controlled = async (person: Pick<Person, 'identity'>, input: object): Promise<Json> => {
  const { player, userErrors } = await control(person, input)
  expect(userErrors).toEqual([])
  return player as Json
}
const refused = async (person: Person, input: object): Promise<unknown> =>
  list((await control(person, input))['userErrors'])[0]?.['code']
const playerOf = async ({ identity }: Pick<Person, 'identity'>): Promise<Json> => {
  const { viewer } = await playback.answer(`{ viewer { player { ${STATE} } } }`, {}, identity)
  return viewer?.['player'] as Json
}
const currentOf = (player: Json): unknown => player['current']?.['item']?.['id']
const on = ({ identity }: Person, deviceId: string): { identity: Identity } => ({
  identity: { ...identity, deviceId },
})

/** A subscription as a device has it. */
async function follow({ identity }: Pick<Person, 'identity'>): Promise<AsyncIterableIterator<RoomResponse>> {
  const stream = await playback.room.subscribe({
    query: `subscription { playerChanged { ${STATE} } }`,
    identity,
  })
  if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream))
  return stream
}
const heard = async (stream: AsyncIterableIterator<RoomResponse>): Promise<Json> => {
  const { value } = await stream.next()
  return value.data.playerChanged
}

test('nobody has a player but who signed in, and nobody anybody else’s', async () => {
  const ada = await playback.addPerson('ada')
  const representations = [{ __typename: 'User', id: ada.userId }]
  const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on User { player { playing } } } }`
  const bea = await playback.addPerson('bea')

  const asked = (identity: Identity): Promise<Json> => playback.answer(query, { representations }, identity)
  expect(await asked(ada.identity)).toEqual({ _entities: [{ player: { playing: false } }] })
  expect(await asked(bea.identity)).toEqual({ _entities: [{ player: null }] })
  expect(await asked(NOBODY)).toEqual({ _entities: [{ player: null }] })
  expect(await playback.fault(CONTROL, { input: { pause: true } })).toBe('UNAUTHENTICATED')
  const stream = await playback.room.subscribe({
    query: 'subscription { playerChanged { playing } }',
    identity: NOBODY,
  })
  expect(stream).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
})

test('a player begins empty, and plays what it is given on the device that asks', async () => {
  const cleo = await playback.addPerson('cleo')
  expect(await playerOf(cleo)).toMatchObject({ revision: 0, playing: false, current: null, device: null })

  const player = await controlled(cleo, { play: { ids: songs, contextId: 'my songs' } })

  expect(player).toMatchObject({ revision: 1, playing: true, positionMs: 0, contextId: 'my songs' })
  expect(player['device']).toEqual({ id: cleo.deviceId })
  expect(currentOf(player)).toBe(songs[0])
  expect(list(player['queue']?.['nodes']).map((node) => node['item']?.['id'])).toEqual(songs.slice(1))
})

test('the position is as of the answer, moves by the rate, waits at the end, and stands still while paused', async () => {
  const dora = await playback.addPerson('dora')
  await controlled(dora, { play: { ids: songs } })

  playback.clock.now = NOW + 10_000
  expect(await playerOf(dora)).toMatchObject({ positionMs: 10_000, at: new Date(NOW + 10_000).toISOString() })
  await controlled(dora, { rate: 2 })
  playback.clock.now = NOW + 15_000
  expect(await controlled(dora, { pause: true })).toMatchObject({ positionMs: 20_000, playing: false })
  playback.clock.now = NOW + 25_000
  expect(await controlled(dora, { seek: { positionMs: 59_000 } })).toMatchObject({ positionMs: 59_000 })
  await controlled(dora, { play: {} })
  playback.clock.now = NOW + 3_600_000
  expect(await playerOf(dora)).toMatchObject({ positionMs: 60_000, playing: true })
  playback.clock.now = NOW
})

test('what is done to a queue, its items keep their ids through', async () => {
  const eve = await playback.addPerson('eve')
  const [one, two, three, four] = songs as [string, string, string, string]
  const ids = (player: Json): unknown[] =>
    [player['current'], ...list(player['queue']?.['nodes'])].map((node) => node?.['queueItemId'])

  const first = await controlled(eve, { play: { ids: [one, one, two] } })
  expect(ids(first)).toEqual(['1', '2', '3'])
  const second = await controlled(eve, { enqueue: { ids: [three, four], next: true } })
  expect(ids(second)).toEqual(['1', '4', '5', '2', '3'])
  expect(ids(await controlled(eve, { dequeue: { queueItemIds: ['2', '77'] } }))).toEqual(['1', '4', '5', '3'])
  const jumped = await controlled(eve, { play: { queueItemId: '5' } })
  expect([currentOf(jumped), ids(jumped)]).toEqual([four, ['5', '3']])
  expect(currentOf(await controlled(eve, { previous: true }))).toBe(three)
  expect(await controlled(eve, { shuffle: true })).toMatchObject({
    shuffle: true,
    current: { queueItemId: '4' },
  })
  expect(ids(await controlled(eve, { shuffle: false }))).toEqual(['4', '5', '3'])
  expect(ids(await controlled(eve, { clear: true }))).toEqual(['4'])
  expect(await refused(eve, { play: { queueItemId: '5' } })).toBe('ITEM_GONE')
})

test('what is asked wrongly is refused with a code, and changes nothing', async () => {
  const fay = await playback.addPerson('fay')
  const guest = await playback.addPerson('guest')
  const before = await controlled(fay, { play: { ids: songs } })
  const cases: [object, string][] = [
    [{}, 'BAD_USER_INPUT'],
    [{ pause: true, next: true }, 'BAD_USER_INPUT'],
    [{ pause: false }, 'BAD_USER_INPUT'],
    [{ rate: 9 }, 'BAD_USER_INPUT'],
    [{ seek: { positionMs: -1 } }, 'BAD_USER_INPUT'],
    [{ seek: { positionMs: 60_001 } }, 'BAD_USER_INPUT'],
    [{ play: { ids: [] } }, 'BAD_USER_INPUT'],
    [{ play: { ids: [`${songs[0]}x`] } }, 'NOT_FOUND'],
    [{ enqueue: { ids: [songs[0], 'track\u0000'] } }, 'NOT_FOUND'],
    [{ play: { queueItemId: '1', ids: songs } }, 'BAD_USER_INPUT'],
    [{ play: { contextId: 'a\u0000', ids: songs } }, 'BAD_USER_INPUT'],
    [{ play: { queueItemId: 'one' } }, 'ITEM_GONE'],
    [{ dequeue: { queueItemIds: ['999'] } }, 'ITEM_GONE'],
    [{ transfer: { deviceId: guest.deviceId } }, 'NOT_FOUND'],
    [{ transfer: { deviceId: 'nonsense\u0000' } }, 'NOT_FOUND'],
    [{ play: {}, deviceId: guest.deviceId }, 'NOT_FOUND'],
    [{ next: true, expectedItemId: '2' }, 'CONFLICT'],
  ]

  for (const [input, code] of cases) expect([input, await refused(fay, input)]).toEqual([input, code])
  expect(await playerOf(fay)).toEqual(before)
})

test('every device hears of every change at once, whoever made it', async () => {
  const gil = await playback.addPerson('gil')
  const phone = on(gil, await playback.addDevice(gil, 'phone'))
  const listeners = playback.room.topic.size()
  const [onDesk, onPhone] = await Promise.all([follow(gil), follow(phone)])
  await Promise.all([heard(onDesk), heard(onPhone)])

  const begun = performance.now()
  await controlled(phone, { play: { ids: songs }, deviceId: gil.deviceId })
  const [desk, hand] = await Promise.all([heard(onDesk), heard(onPhone)])

  expect(performance.now() - begun).toBeLessThan(1_000)
  expect(desk).toMatchObject({ playing: true, device: { id: gil.deviceId }, revokedBy: null })
  expect(hand).toEqual(desk)
  await Promise.all([onDesk.return?.(), onPhone.return?.()])
  expect([playback.room.watchers(), playback.room.topic.size()]).toEqual([0, listeners])
})

test('a transfer goes on at the position elsewhere, and the device that had it knows who took it', async () => {
  const hal = await playback.addPerson('hal')
  const phoneId = await playback.addDevice(hal, 'phone')
  const phone = on(hal, phoneId)
  await controlled(hal, { play: { ids: songs } })
  const desk = await follow(hal)
  await heard(desk)
  playback.clock.now = NOW + 12_345

  const there = await controlled(phone, { transfer: { deviceId: phoneId } })

  expect(there).toMatchObject({ playing: true, positionMs: 12_345, device: { id: phoneId }, revokedBy: null })
  expect(await heard(desk)).toMatchObject({ device: { id: phoneId }, revokedBy: { id: phoneId } })
  await controlled(hal, { transfer: { deviceId: hal.deviceId } })
  expect(await heard(desk)).toMatchObject({ device: { id: hal.deviceId }, revokedBy: null })
  expect(await playerOf(phone)).toMatchObject({ revokedBy: { id: hal.deviceId } })
  await desk.return?.()
  playback.clock.now = NOW
})

test('a stream that starts elsewhere is heard of by the device that loses it', async () => {
  const ida = await playback.addPerson('ida')
  const phoneId = await playback.addDevice(ida, 'phone')
  const start = (deviceId: string): Promise<Json> =>
    playback.answer('PlaybackStart', { input: { trackId: songs[0], deviceId } }, ida.identity)
  await start(ida.deviceId)
  const desk = await follow(ida)
  expect(await heard(desk)).toMatchObject({ device: { id: ida.deviceId }, revokedBy: null })

  await start(phoneId)

  expect(await heard(desk)).toMatchObject({ device: { id: phoneId }, revokedBy: { id: phoneId } })
  await desk.return?.()
})

test('of many at once none is lost: items, and the one who says next', async () => {
  const jo = await playback.addPerson('jo')
  await controlled(jo, { play: { ids: [songs[0]] } })

  await Promise.all(
    Array.from({ length: 60 }, (_, n) =>
      controlled(jo, { enqueue: { ids: [songs[n % 4]], next: n % 2 === 0 } }),
    ),
  )
  const player = await playerOf(jo)
  const items = list(player['queue']?.['nodes']).map((node) => node['queueItemId'])
  expect(player).toMatchObject({ revision: 61, queue: { totalCount: 60 } })
  expect(new Set(items).size).toBe(60)

  const said = await Promise.all(
    Array.from({ length: 20 }, () => control(jo, { next: true, expectedItemId: '1' })),
  )
  expect(said.filter(({ userErrors }) => list(userErrors).length === 0)).toHaveLength(1)
  expect((await playerOf(jo))['current']?.['queueItemId']).toBe(items[0])
})

test('whatever is transferred at once, one device has it, and every other knows that it has not', async () => {
  const kim = await playback.addPerson('kim')
  const devices = await Promise.all(['a', 'b', 'c', 'd'].map((key) => playback.addDevice(kim, key)))
  await controlled(kim, { play: { ids: songs } })

  await Promise.all(
    Array.from({ length: 40 }, (_, n) => controlled(kim, { transfer: { deviceId: devices[n % 4] } })),
  )

  const seen = await Promise.all([kim.deviceId, ...devices].map((deviceId) => playerOf(on(kim, deviceId))))
  const holders = new Set(seen.map((player) => player['device']?.['id']))
  expect(holders.size).toBe(1)
  const revoked = [kim.deviceId, ...devices].filter((_, index) => seen[index]?.['revokedBy'] !== null)
  expect(revoked).toHaveLength(4)
  expect(revoked).not.toContain([...holders][0])
})

test('the player is where the sound is: what its device reports takes it there, what any other reports does not', async () => {
  const pia = await playback.addPerson('pia')
  const phoneId = await playback.addDevice(pia, 'phone')
  const begin = async (trackId: unknown, deviceId: string): Promise<unknown> =>
    (await playback.answer('PlaybackStart', { input: { trackId, deviceId } }, pia.identity))[
      'playbackStart'
    ]?.['playbackId']
  const report = async (playbackId: unknown, kind: string, positionMs: number): Promise<void> => {
    playback.clock.now += 20_000
    const at = new Date(playback.clock.now).toISOString()
    const events = [{ eventId: `${kind}-${positionMs}`, playbackId, kind, positionMs, at }]
    await playback.answer('PlaybackReport', { events }, pia.identity)
  }
  const lost = await begin(songs[0], phoneId)
  await controlled(pia, { play: { ids: songs }, deviceId: pia.deviceId })
  const first = await begin(songs[0], pia.deviceId)

  await report(first, 'HEARTBEAT', 20_500)
  await report(lost, 'HEARTBEAT', 5_000)
  expect(await playerOf(pia)).toMatchObject({ revision: 1, positionMs: 40_000 })
  await report(first, 'SEEK', 7_000)
  await expect.poll(() => playerOf(pia)).toMatchObject({ revision: 2, positionMs: 7_000, playing: true })

  // Opened before it is heard, as players do: the queue stays where it is.
  const second = await begin(songs[1], pia.deviceId)
  expect(currentOf(await playerOf(pia))).toBe(songs[0])
  await report(second, 'START', 300)
  await expect.poll(async () => currentOf(await playerOf(pia))).toBe(songs[1])
  expect(await playerOf(pia)).toMatchObject({ revision: 3, positionMs: 300, playing: true })
  await report(second, 'PAUSE', 20_300)
  await expect.poll(() => playerOf(pia)).toMatchObject({ revision: 4, positionMs: 20_300, playing: false })
  playback.clock.now = NOW
})

test('the queue is read page by page, and a cursor of what has gone leads to its beginning', async () => {
  const lea = await playback.addPerson('lea')
  await controlled(lea, { play: { ids: songs } })
  const page = async (after: string | null): Promise<Json> => {
    const query = `query ($after: String) { viewer { player {
      queue(first: 2, after: $after) { nodes { queueItemId } pageInfo { hasNextPage endCursor } } } } }`
    const { viewer } = await playback.answer(query, { after }, lea.identity)
    return viewer?.['player']?.['queue'] as Json
  }

  const first = await page(null)
  const end = String(first['pageInfo']?.['endCursor'])
  expect(first).toMatchObject({
    nodes: [{ queueItemId: '2' }, { queueItemId: '3' }],
    pageInfo: { hasNextPage: true },
  })
  expect(await page(end)).toMatchObject({ nodes: [{ queueItemId: '4' }], pageInfo: { hasNextPage: false } })
  await controlled(lea, { play: { queueItemId: '3' } })
  expect(await page(end)).toMatchObject({ nodes: [{ queueItemId: '4' }] })
})

test('a playlist is played in its order, by whoever may see it', async () => {
  const [nell, olaf] = await Promise.all([playback.addPerson('nell'), playback.addPerson('olaf')])
  const playlistId = derivedId('playlist', 'evening')
  const items = [songs[2], songs[0], songs[2]].map((trackId, index) => ({ id: `i${index}`, trackId }))
  const list1 = { playlistId, ownerId: nell.userId, visibility: 'PRIVATE', revision: 1, isDeleted: false }
  await playback.sayOfPlaylist('playlists.playlist-changed.v1', playlistId, list1)
  const ops = [{ kind: 'ItemsAdded', after: null, items }]
  await playback.sayOfPlaylist('playlists.items-changed.v1', playlistId, { playlistId, revision: 2, ops })
  await expect.poll(() => playback.db.playlistCopy.count({ where: { id: playlistId, revision: 2 } })).toBe(1)

  const player = await controlled(nell, { play: { contextId: playlistId } })

  const coming = list(player['queue']?.['nodes']).map((node) => node['item']?.['id'])
  expect([currentOf(player), ...coming]).toEqual([songs[2], songs[0], songs[2]])
  expect(player['contextId']).toBe(playlistId)
  expect(await refused(olaf, { play: { contextId: playlistId } })).toBe('NOT_FOUND')
  expect(await refused(olaf, { enqueue: { ids: [playlistId] } })).toBe('NOT_FOUND')
})

test('an episode is gone on with where it was left, and no late report takes anybody back', async () => {
  const mia = await playback.addPerson('mia')
  const resume = async (): Promise<unknown> => {
    const representations = [{ __typename: 'Episode', id: episode }]
    const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
      ... on Episode { resumePoint { positionMs completed } } } }`
    return list((await playback.answer(query, { representations }, mia.identity))['_entities'])[0]?.[
      'resumePoint'
    ]
  }
  const start = async (): Promise<unknown> => {
    const input = { episodeId: episode, deviceId: mia.deviceId }
    return (await playback.answer('PlaybackStart', { input }, mia.identity))['playbackStart']?.['playbackId']
  }
  // Their clock is three hours ahead.
  const report = (playbackId: unknown, kind: string, positionMs: number, lateMs = 0): Promise<Json> => {
    const at = new Date(playback.clock.now - lateMs + 3 * 3_600_000).toISOString()
    const events = [{ eventId: `${kind}-${positionMs}`, playbackId, kind, positionMs, at }]
    return playback.answer('PlaybackReport', { events }, mia.identity)
  }

  expect(await resume()).toBeNull()
  const old = await start()
  await report(old, 'START', 0)
  playback.clock.now += 60_000
  await report(old, 'PAUSE', 60_000)
  expect(await resume()).toEqual({ positionMs: 60_000, completed: false })
  playback.clock.now += 3_600_000
  const young = await start()
  await report(young, 'START', 60_000)
  playback.clock.now += 60_000
  await report(young, 'HEARTBEAT', 300_000)
  await report(old, 'SEEK', 10_000, 3_600_000)
  expect(await resume()).toEqual({ positionMs: 300_000, completed: false })
  playback.clock.now += 10_000
  await report(young, 'COMPLETE', 600_000)
  expect(await resume()).toEqual({ positionMs: 600_000, completed: true })
  playback.clock.now = NOW
})
