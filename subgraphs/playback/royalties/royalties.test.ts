import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { derivedId } from '#shared/id.ts'
import { anonymous, type Identity } from '#shared/identity.ts'
import { createTestRoom, type Json, list, type TestRoom } from '../testing/playback-room.ts'
import { type NewPlay, writePlays } from '../testing/plays.ts'
import { serveHandlers } from '../testing/serve-handlers.ts'

let playback: TestRoom

const IDA = derivedId('artist', 'ida')
const SONG = derivedId('track', 'song')
const ADMIN: Identity = { ...anonymous('US'), userId: derivedId('user', 'admin'), role: 'ADMIN' }
const MANAGER: Identity = { ...anonymous('US'), userId: derivedId('user', 'manager'), artists: [IDA] }
const LISTENER: Identity = { ...anonymous('US'), userId: derivedId('user', 'listener') }
const CLOSE = { month: '2026-10', currency: 'USD', revenueMicros: 1_000_000, keptPercent: 30 }

/** The operation of that name without the track's title, which is the catalogue's to say. */
const EXPLAIN = `query ($rightsHolderId: ID!) {
  royaltyPayout(month: "2026-10", rightsHolderId: $rightsHolderId) {
    amountMicros
    recordings { nodes { track { id } side parts whole streams weight recordingMicros amountMicros
      plays { nodes { playbackId startedAt tier heardMs verdict } } } }
  }
}`

const play = (name: string, at: string, more: Partial<NewPlay> = {}): NewPlay => ({
  ...{ playbackId: name, startedAt: new Date(at), userId: LISTENER.userId, trackId: SONG, artistIds: [IDA] },
  ...more,
})

beforeAll(async () => {
  playback = await createTestRoom()
  await playback.say('catalog', 'catalog.artist-changed.v1', {
    artistId: IDA,
    name: 'Ida "the" <Voice>',
    version: 2,
  })
  await writePlays(playback.db, [
    play('first', '2026-10-05T10:00:00.000Z'),
    play('again', '2026-10-05T10:09:59.999Z'),
    play('free', '2026-10-05T10:10:00.000Z', { userId: derivedId('user', 'other'), tier: 'FREE' }),
    play('short', '2026-10-06T10:00:00.000Z', { heardMs: 29_999 }),
    play('open', '2026-11-05T10:00:00.000Z'),
    play('open again', '2026-11-05T10:00:01.000Z'),
  ])
  await vi.waitFor(async () => {
    if ((await playback.db.rightsHolder.count({ where: { artistId: IDA } })) === 0)
      throw new Error('Not copied yet')
  }, 10_000)
})
afterAll(() => playback[Symbol.asyncDispose]())

const close = async (identity: Identity, input: object = {}): Promise<Json> =>
  (await playback.answer('RoyaltyMonthClose', { input: { ...CLOSE, ...input } }, identity))[
    'royaltyMonthClose'
  ] as Json
const royalties = async (identity: Identity, month: string): Promise<Json> => {
  const query = `query ($representations: [_Any!]!, $month: String!) { _entities(representations: $representations) { ... on Artist {
    royalties(month: $month) { streams counted rejected { reason count } amountMicros
      entries(first: 1) { nodes { debit credit amountMicros memo } pageInfo { hasNextPage endCursor } } } } } }`
  const representations = [{ __typename: 'Artist', id: IDA }]
  const { _entities } = await playback.answer(query, { representations, month }, identity)
  return list(_entities)[0]?.['royalties'] as Json
}

test('a month is closed by an administrator, who sees it, its payouts and each play behind them', async () => {
  const closed = await close(ADMIN)

  expect(closed).toMatchObject({
    statement: {
      ...{ month: '2026-10', poolMicros: 700_000, billableStreams: 2 },
      payouts: {
        totalCount: 2,
        nodes: [
          { rightsHolder: { name: 'Ida "the" <Voice>', role: 'ARTIST' }, streams: 2, amountMicros: 560_000 },
          { rightsHolder: { name: 'Unclaimed', role: 'UNCLAIMED' }, streams: 2, amountMicros: 140_000 },
        ],
      },
    },
    ...{ state: 'DONE', userErrors: [] },
  })
  const { royaltyStatement } = await playback.answer('RoyaltyStatement', { month: '2026-10' }, ADMIN)
  expect(royaltyStatement).toMatchObject({
    ...{ correction: 0, streams: 4, revenueMicros: 1_000_000 },
    rejected: [
      { reason: 'REPEAT', count: 1 },
      { reason: 'UNDER_30_SECONDS', count: 1 },
    ],
    rates: [
      { tier: 'PREMIUM', weight: 1_000, microsPerStream: 560_000 },
      { tier: 'FREE', weight: 250, microsPerStream: 140_000 },
    ],
  })
  const rightsHolderId = IDA.replace('artist', 'holder')
  const { royaltyPayout } = await playback.answer(EXPLAIN, { rightsHolderId }, ADMIN)
  expect(royaltyPayout).toMatchObject({
    amountMicros: 560_000,
    recordings: {
      nodes: [
        {
          ...{ side: 'RECORDING', parts: 1, whole: 1, streams: 2, weight: 1_250 },
          ...{ recordingMicros: 700_000, amountMicros: 560_000 },
          plays: {
            nodes: [
              {
                playbackId: 'first',
                startedAt: '2026-10-05T10:00:00.000Z',
                tier: 'PREMIUM',
                heardMs: 60_000,
                verdict: 'BILLED',
              },
              { playbackId: 'again', verdict: 'REPEAT' },
              { playbackId: 'free', tier: 'FREE', verdict: 'BILLED' },
              { playbackId: 'short', heardMs: 29_999, verdict: 'UNDER_30_SECONDS' },
            ],
          },
        },
      ],
    },
  })
})

test('what is explained comes in pages', async () => {
  const query = `query ($after: String) { royaltyPayout(month: "2026-10", rightsHolderId: "${IDA.replace('artist', 'holder')}") {
    recordings(first: 1) { nodes { plays(first: 3, after: $after) { nodes { playbackId } pageInfo { hasNextPage endCursor } } } } } }`
  const pageAfter = async (after: unknown) =>
    list((await playback.answer(query, { after }, ADMIN))['royaltyPayout']?.['recordings']?.['nodes'])[0]?.[
      'plays'
    ]
  const first = await pageAfter(null)

  expect(first?.['pageInfo']).toMatchObject({ hasNextPage: true })
  expect((await pageAfter(first?.['pageInfo']?.['endCursor']))?.['nodes']).toEqual([{ playbackId: 'short' }])
  const { errors } = await playback.ask(
    query,
    { after: Buffer.from('["1","2"]').toString('base64url') },
    ADMIN,
  )
  expect(errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT')
})

describe('an artist', () => {
  test('sees a closed month as it was closed, entry by entry', async () => {
    expect(await royalties(MANAGER, '2026-10')).toMatchObject({
      ...{ streams: 4, counted: 2, amountMicros: 560_000 },
      rejected: [
        { reason: 'REPEAT', count: 1 },
        { reason: 'UNDER_30_SECONDS', count: 1 },
      ],
      entries: {
        nodes: [
          {
            ...{ debit: 'pool:2026-10', credit: `payable:${IDA.replace('artist', 'holder')}` },
            ...{ amountMicros: 560_000, memo: 'Royalties of 2026-10' },
          },
        ],
        pageInfo: { hasNextPage: false },
      },
    })
  })

  test('sees an open month as of now, and what is booked in it', async () => {
    expect(await royalties(MANAGER, '2026-11')).toMatchObject({
      ...{ streams: 2, counted: 1, rejected: [{ reason: 'REPEAT', count: 1 }], amountMicros: 0 },
      entries: { nodes: [] },
    })
  })

  test('is seen by who manages them, and nobody else', async () => {
    expect(await royalties(ADMIN, '2026-10')).toMatchObject({ streams: 4 })
    for (const nobody of [LISTENER, anonymous('US'), { ...MANAGER, artists: [derivedId('artist', 'jo')] }])
      expect(await royalties(nobody, '2026-10')).toBeNull()
  })
})

test('nobody but an administrator closes, corrects, sees statements or sets rights', async () => {
  expect(await close(LISTENER)).toMatchObject({ statement: null, userErrors: [{ code: 'FORBIDDEN' }] })
  expect(await playback.fault('RoyaltyMonthClose', { input: CLOSE }, anonymous('US'))).toBe('UNAUTHENTICATED')
  const { royaltyMonthCorrect } = await playback.answer('RoyaltyMonthCorrect', { month: '2026-10' }, MANAGER)
  expect(royaltyMonthCorrect).toMatchObject({ statement: null, userErrors: [{ code: 'FORBIDDEN' }] })
  const input = { trackId: SONG, shares: [{ holderKey: IDA, basisPoints: 10_000 }] }
  const { rightsSet } = await playback.answer('RightsSet', { input }, MANAGER)
  expect(rightsSet).toMatchObject({ agreement: null, userErrors: [{ code: 'FORBIDDEN' }] })
  for (const nobody of [LISTENER, MANAGER, anonymous('US')])
    expect(await playback.answer('RoyaltyStatement', { month: '2026-10' }, nobody)).toEqual({
      royaltyStatement: null,
    })
})

test('rights that are set are told back, and what is wrong with others is said', async () => {
  const set = async (input: object) =>
    (await playback.answer('RightsSet', { input: { trackId: derivedId('track', 'new'), ...input } }, ADMIN))[
      'rightsSet'
    ]
  const shares = [
    { holderKey: IDA, basisPoints: 6_000 },
    { holderKey: 'label-1', name: 'Label', role: 'LABEL', basisPoints: 4_000 },
  ]

  expect(await set({ from: '2026-12-01', shares })).toMatchObject({
    agreement: {
      ...{ side: 'RECORDING', from: '2026-12-01', until: null },
      shares: [
        { rightsHolder: { role: 'ARTIST' }, basisPoints: 6_000 },
        { rightsHolder: { name: 'Label', role: 'LABEL' }, basisPoints: 4_000 },
      ],
    },
    userErrors: [],
  })
  expect(await set({ shares: shares.slice(1) })).toMatchObject({
    userErrors: [
      {
        code: 'BAD_USER_INPUT',
        message: 'The shares add up to 4000, not to 10,000 basis points',
        field: ['shares'],
      },
    ],
  })
  expect(await set({ shares: [{ holderKey: 'nobody', basisPoints: 10_000 }] })).toMatchObject({
    userErrors: [{ code: 'BAD_USER_INPUT', field: ['shares'] }],
  })
})

test('a statement is a document, for who has its address and for a while', async () => {
  await using server = await serveHandlers(playback.room.handlers)
  const { royaltyStatement } = await playback.answer('RoyaltyStatement', { month: '2026-10' }, ADMIN)
  const here = (url: unknown): string => String(url).replace('http://music.test', server.url)
  const [csvUrl, pageUrl] = [here(royaltyStatement?.['csvUrl']), here(royaltyStatement?.['pageUrl'])]

  const csv = await fetch(csvUrl)
  expect(csv.headers.get('content-disposition')).toBe('attachment; filename="royalties-2026-10.csv"')
  expect((await csv.text()).split('\r\n')).toEqual([
    'month,correction,rights_holder,name,role,streams,amount_micros,amount,currency',
    `2026-10,0,${IDA.replace('artist', 'holder')},"Ida ""the"" <Voice>",ARTIST,2,560000,0.560000,USD`,
    '2026-10,0,holder_unclaimed,Unclaimed,UNCLAIMED,2,140000,0.140000,USD',
    '',
  ])
  const page = await fetch(pageUrl)
  const html = await page.text()
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(html).toContain('Ida &#34;the&#34; &#60;Voice&#62;')
  expect(html).toContain('October 2026')
  for (const forged of [csvUrl.replace('2026-10', '2026-09'), csvUrl.replace('.csv', '.html'), `${csvUrl}0`])
    expect((await fetch(forged)).status).toBe(403)
  const { now } = playback.clock
  playback.clock.now = now + 15 * 60_000 + 1_000
  expect((await fetch(csvUrl)).status).toBe(403)
  playback.clock.now = now
})
