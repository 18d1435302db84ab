import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { derivedId } from '#shared/id.ts'
import { anonymous, type Identity } from '#shared/identity.ts'
import { type DecidedPlay, decisionsOf, tell, untilTallied } from '../testing/decided-plays.ts'
import { createTestRoom, type Json, list, type TestRoom } from '../testing/playback-room.ts'
import { type ServedHandlers, serveHandlers } from '../testing/serve-handlers.ts'
import { NOW } from '../testing/signed.ts'

const HOUR_MS = 3_600_000
const NOVA = derivedId('artist', 'nova')
const OTHER = derivedId('artist', 'other')
const [SONG, DUET, THEIRS] = ['=SUM(1,2) "live"', 'duet', 'theirs'].map((key) => derivedId('track', key)) as [
  string,
  string,
  string,
]
const ANALYTICS = `query ($id: ID!, $days: Int!, $first: Int) {
  _entities(representations: [{ __typename: "Artist", id: $id }]) {
    ... on Artist {
      analytics(days: $days) {
        plays listeners hourly { hour plays } byCountry { country plays } byDevice { kind plays }
        topTracks(first: $first) { plays track { id } } playlistAdds csvUrl
      }
    }
  }
}`

const manager: Identity = { ...anonymous('SE'), userId: 'user_manager', tier: 'FREE', artists: [NOVA] }

// hours ago, who, where, on what, which track
const PLAYS = [
  [0, 'ann', 'SE', 'PHONE', SONG],
  [1, 'ann', 'SE', 'PHONE', SONG],
  [1, 'bob', 'GB', 'CAR', DUET],
  [30, 'bob', 'GB', 'CAR', SONG],
  [27 * 24, 'cid', 'TV', 'TV', SONG],
  [28 * 24, 'dan', 'SE', 'WEB', SONG],
  [364 * 24, 'eve', 'SE', 'WEB', DUET],
  [365 * 24, 'fay', 'SE', 'WEB', SONG],
  [1, 'gus', 'SE', 'WEB', THEIRS],
] as const

let playback: TestRoom
let http: ServedHandlers

beforeAll(async () => {
  playback = await createTestRoom()
  http = await serveHandlers(playback.room.handlers)
  const { db } = playback
  for (const [key, artists] of [
    ['=SUM(1,2) "live"', [NOVA]],
    ['duet', [NOVA, OTHER]],
    ['theirs', [OTHER]],
  ] as const) {
    const trackId = await playback.addPlayable(key)
    await playback.say('catalog', 'catalog.track-changed.v1', {
      ...{ trackId, title: key, durationMs: 200_000, markets: null, isComposable: false, version: 2 },
      artists: artists.map((id) => ({ id, name: id })),
    })
  }
  await vi.waitFor(async () => expect(await db.trackArtist.count({ where: { version: 2 } })).toBe(3))
  const plays = PLAYS.map(
    ([hoursAgo, person, country, deviceKind, playableId], index): DecidedPlay => ({
      ...{ playbackId: `playback_${index}`, country, deviceKind, playableId, albumId: null, decisions: 1 },
      userId: derivedId('user', person),
      startedAt: new Date(NOW - hoursAgo * HOUR_MS),
      artistIds: playableId === SONG ? [NOVA] : playableId === DUET ? [NOVA, OTHER] : [OTHER],
    }),
  )
  // One more that counted for a moment.
  await tell(db, [
    ...plays.flatMap(decisionsOf),
    ...decisionsOf({ ...(plays[0] as DecidedPlay), playbackId: 'taken back', decisions: 2 }),
  ])
  await untilTallied(db)
  const item = (id: string, trackId: string) => ({ id, trackId })
  await playback.sayOfPlaylist('playlists.items-changed.v1', 'playlist_1', {
    ...{ playlistId: 'playlist_1', revision: 1 },
    ops: [
      { kind: 'ItemsAdded', items: [item('i1', SONG), item('i2', DUET), item('i3', THEIRS)], after: null },
      { kind: 'ItemsRemoved', itemIds: ['i1'] },
      { kind: 'ItemsAdded', items: [item('i4', SONG)], after: null },
    ],
  })
  await vi.waitFor(async () => expect(await db.playlistAdd.count()).toBe(3))
  // The list was edited when this runs, the plays are of the test's own time.
  await db.$executeRaw`UPDATE playlist_add SET day = ${new Date(NOW)}::date`
})
afterAll(async () => {
  await http[Symbol.asyncDispose]()
  await playback[Symbol.asyncDispose]()
})

async function analyticsOf(days: number, who: Identity = manager, first = 10, id = NOVA): Promise<Json> {
  const { _entities } = await playback.answer(ANALYTICS, { id, days, first }, who)
  return list(_entities)[0]?.['analytics'] as Json
}

test('an artist is told of the days asked for, today and those before', async () => {
  expect(await analyticsOf(28)).toMatchObject({
    plays: 5,
    listeners: 3,
    hourly: [
      { hour: '2026-10-25T12:00:00.000Z', plays: 1 },
      { hour: '2026-11-20T06:00:00.000Z', plays: 1 },
      { hour: '2026-11-21T11:00:00.000Z', plays: 2 },
      { hour: '2026-11-21T12:00:00.000Z', plays: 1 },
    ],
    byCountry: [
      { country: 'GB', plays: 2 },
      { country: 'SE', plays: 2 },
      { country: 'TV', plays: 1 },
    ],
    byDevice: [
      { kind: 'CAR', plays: 2 },
      { kind: 'PHONE', plays: 2 },
      { kind: 'TV', plays: 1 },
    ],
    topTracks: [
      { plays: 4, track: { id: SONG } },
      { plays: 1, track: { id: DUET } },
    ],
    playlistAdds: 3,
  })
})

test.each([
  { days: 1, plays: 3, listeners: 2 },
  { days: 2, plays: 4, listeners: 2 },
  { days: 28, plays: 5, listeners: 3 },
  { days: 29, plays: 6, listeners: 4 },
  { days: 364, plays: 6, listeners: 4 },
  { days: 365, plays: 7, listeners: 5 },
])('%j', async ({ days, ...figures }) => {
  expect(await analyticsOf(days)).toMatchObject(figures)
})

test('a play of a track of two artists is a play of each', async () => {
  const other = { ...manager, artists: [OTHER] }

  expect(await analyticsOf(28, other, 10, OTHER)).toMatchObject({ plays: 2, listeners: 2, playlistAdds: 2 })
})

test.each([
  ['nobody', false, anonymous('SE')],
  ['somebody', false, { ...manager, artists: [] }],
  ['who manages another artist', false, { ...manager, artists: [OTHER] }],
  ['somebody premium', false, { ...manager, artists: [], tier: 'PREMIUM' as const }],
  ['who manages the artist', true, manager],
  ['who manages several', true, { ...manager, artists: [OTHER, NOVA] }],
  ['ADMIN', true, { ...manager, artists: [], role: 'ADMIN' as const }],
])('%s may see what is told of an artist: %o', async (_, isTold, who) => {
  for (const id of [NOVA, derivedId('artist', 'never was')]) {
    const mayAsk = isTold && (id === NOVA || who.role === 'ADMIN')
    expect((await analyticsOf(28, who, 10, id)) !== null).toBe(mayAsk)
  }
})

test.each([0, -1, 366, 2 ** 31 - 1])('%d days are refused', async (days) => {
  const { data, errors } = await playback.ask(ANALYTICS, { id: NOVA, days, first: 5 }, manager)

  expect(errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['BAD_USER_INPUT'])
  expect(list((data as Json)['_entities'])[0]?.['analytics']).toBeNull()
})

test.each([0, 101])('topTracks(first: %d) is refused', async (first) => {
  const { errors } = await playback.ask(ANALYTICS, { id: NOVA, days: 28, first }, manager)

  expect(errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['BAD_USER_INPUT'])
})

test('the CSV has the same figures day by day, and no title is a formula in it', async () => {
  const answer = await fetch(await csvUrl(28))
  const rows = parse(await answer.text(), { columns: true }) as Record<string, string>[]

  const sum = (measure: string): number =>
    rows.filter((row) => row['measure'] === measure).reduce((all, row) => all + Number(row['value']), 0)
  expect(answer.headers.get('content-type')).toMatch(/^text\/csv/)
  expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${NOVA}-28-days.csv"`)
  expect(sum('plays')).toBe(5)
  expect(sum('plays_in_hour')).toBe(5)
  expect(sum('plays_in_country')).toBe(5)
  expect(sum('plays_on_device')).toBe(5)
  expect(sum('plays_of_track')).toBe(5)
  expect(sum('playlist_adds')).toBe(3)
  expect(rows.filter(({ id }) => id === SONG).map(({ name }) => name)).toEqual(
    Array(4).fill(`'=SUM(1,2) "live"`),
  )
  expect(rows[0]).toEqual({ day: '2026-10-25', measure: 'plays', id: '', name: '', value: '1' })
})

test('an address opens for a quarter of an hour, what it is signed for and nothing else', async () => {
  const url = await csvUrl(28)
  const statusAt = async (address: string): Promise<[number, string]> => {
    const answer = await fetch(address)
    return [answer.status, answer.status === 200 ? '' : await answer.text()]
  }
  const forged = [
    url.replace('/28/', '/29/'),
    url.replace(NOVA, OTHER),
    url.replace(/expires=(\d+)/, (_, at) => `expires=${Number(at) + 1}`),
    url.replace(/signature=./, (text) => (text.endsWith('A') ? 'signature=B' : 'signature=A')),
    url.replace(/\?.*/, ''),
    `${url}&more`,
  ]

  expect(await statusAt(url)).toEqual([200, ''])
  for (const address of forged) expect(await statusAt(address)).toEqual([403, ''])
  playback.clock.now = NOW + 15 * 60_000 - 1
  expect(await statusAt(url)).toEqual([200, ''])
  playback.clock.now = NOW + 15 * 60_000
  expect(await statusAt(url)).toEqual([403, ''])
  playback.clock.now = NOW
})

/** Of the handlers' own server. */
async function csvUrl(days: number): Promise<string> {
  return String((await analyticsOf(days))['csvUrl']).replace('http://music.test', http.url)
}
