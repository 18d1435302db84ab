import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createLogger } from '#shared/telemetry.ts'
import { readSupergraph } from '../schema/supergraph.ts'
import { type ArrivalsOptions, NO_PROXIES } from './arrival.ts'
import { arrivalSettings } from './arrival-settings.ts'
import { createCadenzaDoor } from './cadenza.ts'
import { createProxies, customerOf, plainAddress } from './client-address.ts'
import type { Door } from './server.ts'
import { COUNTRY_CLAIMS } from './testing/country-claims.ts'
import { openStage } from './testing/stage.ts'
import { createFakeUsers, type FakeUsers } from './testing/users-room.ts'

const BURST = 50

let users: FakeUsers
const doors: Door[] = []

const open = async (arrivals: ArrivalsOptions): Promise<string> => {
  const door = await createCadenzaDoor({
    supergraph: await readSupergraph(),
    rooms: [users],
    defaultCountry: 'US',
    roomTimeoutMs: 1_000,
    rate: { perHour: BURST, burst: BURST },
    arrivals,
    isProduction: true,
    logger: createLogger('test', 'silent'),
  })
  doors.push(door)
  return `http://127.0.0.1:${await door.listen(0, '127.0.0.1')}/graphql`
}
const query = '{ user(id: "user_1") { displayName } }'
const body = JSON.stringify({ query })
const post = (url: string, headers: Record<string, string>): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })
const countryOf = async (
  url: string,
  headers: Record<string, string>,
): Promise<string | null | undefined> => {
  users.seen.length = 0
  expect((await post(url, headers)).status).toBe(200)
  return users.seen.find((request) => request.query.includes('user_1'))?.identity.country
}

beforeAll(async () => {
  users = await createFakeUsers()
})
afterAll(async () => {
  for (const door of doors) await door.stop()
})

test(`${COUNTRY_CLAIMS.length} ways to claim a country or an address change neither, over HTTP or a socket`, async () => {
  expect(COUNTRY_CLAIMS.length).toBeGreaterThanOrEqual(40)
  const url = await open({ trustedProxies: ['192.0.2.0/24', '2001:db8::/32'], countryHeader: 'cf-ipcountry' })
  for (const headers of COUNTRY_CLAIMS)
    expect({ headers, country: await countryOf(url, headers) }).toEqual({ headers, country: 'US' })
  for (let left = BURST - COUNTRY_CLAIMS.length; left > 0; left--) await post(url, {})

  // Each of them has counted for one and the same address.
  for (const headers of COUNTRY_CLAIMS.slice(0, 5)) expect((await post(url, headers)).status).toBe(429)
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws', {
    headers: COUNTRY_CLAIMS[0],
  })
  const said = await new Promise((resolve) => {
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'connection_init', payload: COUNTRY_CLAIMS[23] })),
    )
    socket.on('message', (data) => {
      const { type, payload } = JSON.parse(String(data))
      if (type === 'connection_ack')
        socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query } }))
      else resolve(payload[0].extensions.code)
    })
  })
  socket.terminate()
  expect(said).toBe('RATE_LIMITED')
})

test('a trusted proxy is believed: its country, and who stands before it', async () => {
  const url = await open({ trustedProxies: ['127.0.0.0/8'], countryHeader: 'x-country' })

  expect(await countryOf(url, { 'x-country': 'SE' })).toBe('SE')
  expect(await countryOf(url, { 'x-country': 'se' })).toBe('SE')
  for (const nowhere of ['XX', 'T1', 'Sweden', '', 'S'])
    expect(await countryOf(url, { 'x-country': nowhere })).toBe('US')
  expect(await countryOf(url, { 'cf-ipcountry': 'SE' })).toBe('US')
  for (let turn = 0; turn < BURST; turn++) await post(url, { 'x-forwarded-for': '203.0.113.7' })
  expect((await post(url, { 'x-forwarded-for': '203.0.113.7' })).status).toBe(429)
  expect((await post(url, { 'x-forwarded-for': '198.51.100.1, 203.0.113.7' })).status).toBe(429)
  expect((await post(url, { 'x-forwarded-for': '203.0.113.8' })).status).toBe(200)
})

test.each<[string, (host: string) => Record<string, string>, string | undefined]>([
  ['a page of another site', () => ({ origin: 'https://evil.example' }), undefined],
  ['a page of another port', (host) => ({ origin: `http://${host.replace(/:.*/, ':1')}` }), undefined],
  ['a page in a sandbox', () => ({ origin: 'null' }), undefined],
  ['a page of the door’s own site', (host) => ({ origin: `https://${host}` }), 'session=1'],
  ['no page at all', () => ({}), 'session=1'],
])('a socket of %s has the cookies it should', async (_, headersAt, cookie) => {
  const stage = await openStage()
  const handshake = { ...headersAt(new URL(stage.url).host), cookie: 'session=1', authorization: 'Bearer x' }
  const socket = new WebSocket(stage.url.replace('http', 'ws'), 'graphql-transport-ws', {
    headers: handshake,
  })
  socket.on('open', () => socket.send('{"type":"connection_init","payload":{"x-country":"SE"}}'))
  await once(socket, 'message')
  socket.send('{"id":"1","type":"subscribe","payload":{"query":"subscription { played { n } }"}}')

  await expect.poll(() => stage.streams.length).toBe(1)
  expect(stage.streams[0]?.request.headers).toEqual({ 'x-country': 'SE', ...(cookie && { cookie }) })
  socket.terminate()
  await stage.stop()
})

test('without proxies nothing is asked of anybody', async () => {
  const url = await open(NO_PROXIES)

  expect(await countryOf(url, { 'x-country': 'SE', 'x-forwarded-for': '203.0.113.7' })).toBe('US')
})

describe('who sent it', () => {
  const { trusts, senderOf } = createProxies(['10.0.0.0/8', '2001:db8::/32', '192.0.2.5'])

  test.each([
    ['198.51.100.1', '203.0.113.7', '198.51.100.1'],
    ['10.1.1.1', undefined, '10.1.1.1'],
    ['10.1.1.1', '203.0.113.7', '203.0.113.7'],
    ['10.1.1.1', '6.6.6.6, 203.0.113.7', '203.0.113.7'],
    ['10.1.1.1', '6.6.6.6, 203.0.113.7,10.2.2.2 , 192.0.2.5', '203.0.113.7'],
    ['10.1.1.1', '10.2.2.2, 10.3.3.3', '10.2.2.2'],
    ['10.1.1.1', 'unknown', '10.1.1.1'],
    ['10.1.1.1', '6.6.6.6, unknown, 10.2.2.2', '10.2.2.2'],
    ['10.1.1.1', '', '10.1.1.1'],
    ['10.1.1.1', '203.0.113.7:5000', '203.0.113.7'],
    ['2001:db8::9', '[2001:db9::1]:443', '2001:db9::1'],
    ['192.0.2.6', '203.0.113.7', '192.0.2.6'],
  ])('from %s, who says %s, it is %s', (peer, forwardedFor, sender) => {
    expect(senderOf(peer, forwardedFor)).toBe(sender)
  })

  test('networks end where they end', () => {
    expect(['10.255.255.255', '2001:db8:ffff::', '192.0.2.5'].map(trusts)).toEqual([true, true, true])
    expect(['11.0.0.0', '2001:db9::', '192.0.2.4', 'x', ''].map(trusts)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ])
  })

  test('what is no network is refused when it is configured', () => {
    for (const wrong of [
      '10.0.0.0/33',
      '10.0.0/8',
      '10.0.0.0/',
      'proxy',
      '10.0.0.0/8/9',
      '::1/129',
      '10.0.0.0/1.5',
    ])
      expect(arrivalSettings.TRUSTED_PROXIES.safeParse(wrong).success).toBe(false)
    expect(arrivalSettings.TRUSTED_PROXIES.parse(' 10.0.0.0/8, ::1 ,')).toEqual(['10.0.0.0/8', '::1'])
  })
})

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8:0001:0002:ffff::', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('%s counts as %s', (address, customer) => {
  expect(customerOf(plainAddress(address))).toBe(customer)
})
