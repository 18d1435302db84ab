import { createClient, MessageType, stringifyMessage } from 'graphql-ws'
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { openSocket, type RawSocket } from './testing/raw-socket.ts'
import { openStage, type Stage } from './testing/stage.ts'

let stage: Stage
let sign: (sub: string | undefined, lifeMs: number) => Promise<string>
const sockets: RawSocket[] = []

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'EdDSA', use: 'sig' }] }
  let serial = 0
  sign = (sub, lifeMs) =>
    new SignJWT({
      exp: (Date.now() + lifeMs) / 1_000,
      jti: String(++serial),
      ...(sub !== undefined && { sub }),
    })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'k' })
      .sign(privateKey)
  stage = await openStage({ keys, admission: { perUser: 3 } })
})
afterEach(async () => {
  stage.asked.length = 0
  for (const { socket } of sockets.splice(0)) socket.terminate()
  await expect.poll(stage.openStreams, { timeout: 1_000 }).toBe(0)
})
afterAll(() => stage.stop())

const LIKED = 'subscription { played { n track { liked } } }'
const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` })

async function open(sub: string | undefined, lifeMs: number): Promise<RawSocket> {
  const socket = await openSocket(stage.url)
  sockets.push(socket)
  await socket.init(sub === undefined && lifeMs === 0 ? undefined : bearer(await sign(sub, lifeMs)))
  return socket
}

test('a socket closes 4403 within a second of the token’s end, and its streams with it', async () => {
  const socket = await open('ann', 500)
  socket.subscribe('1', LIKED)
  await expect.poll(stage.openStreams).toBe(1)
  const begun = Date.now()

  expect(await socket.closed).toEqual({ code: 4403, reason: 'Forbidden' })

  expect(Date.now() - begun).toBeLessThan(1_500)
  expect(stage.openStreams()).toBe(0)
})

test('a ping with a newer token of the same person moves the end; subscriptions go on, and ask with that token', async () => {
  const socket = await open('ann', 700)
  socket.subscribe('1', LIKED)
  await expect.poll(stage.openStreams).toBe(1)
  const stream = stage.streams.at(-1)
  stream?.emit('played', 1)
  await expect.poll(() => socket.results()).toHaveLength(1)

  const token = await sign('ann', 1_700)
  socket.send({ type: 'ping', payload: bearer(token) })
  await expect.poll(() => socket.frames.at(-1)?.type).toBe('pong')
  await new Promise((resolve) => setTimeout(resolve, 900))
  stream?.emit('played', 2)

  await expect
    .poll(() => socket.results())
    .toEqual([1, 2].map((n) => ({ data: { played: { n, track: { liked: true } } } })))
  const pong = socket.frames.find(({ type }) => type === 'pong')
  expect(pong?.payload).toEqual({ expiresAt: new Date(Number(decodeJwt(token).exp) * 1_000).toISOString() })
  expect(stage.asked.map(({ headers }) => headers?.['authorization'] === `Bearer ${token}`)).toEqual([
    false,
    true,
  ])
  expect(stage.openStreams()).toBe(1)
  expect((await socket.closed).code).toBe(4403)
})

test.each([
  ['another person’s token', () => sign('bob', 60_000)],
  ['nobody’s token', () => sign(undefined, 60_000)],
  ['an expired token', () => sign('ann', -1)],
  ['what is no token', async () => 'x.y.z'],
])('%s closes 4403 instead', async (_, token) => {
  const socket = await open('ann', 60_000)

  socket.send({ type: 'ping', payload: bearer(await token()) })

  expect((await socket.closed).code).toBe(4403)
})

test('nobody becomes somebody by a new socket alone', async () => {
  for (const socket of [await open(undefined, 0), await open(undefined, 60_000)]) {
    socket.send({ type: 'ping', payload: bearer(await sign('ann', 60_000)) })
    expect((await socket.closed).code).toBe(4403)
  }
})

test('a token that lasts longer than a timer can is not over at once', async () => {
  const socket = await open('ann', 40 * 24 * 3_600_000)

  await new Promise((resolve) => setTimeout(resolve, 100))

  expect(socket.socket.readyState).toBe(socket.socket.OPEN)
})

test('one person has as many sockets as there may be, and not one more; others have theirs', async () => {
  const three = [await open('ann', 60_000), await open('ann', 60_000), await open('ann', 60_000)]
  await open('bob', 60_000)
  const fourth = await open('ann', 60_000)
  expect(await fourth.closed).toEqual({ code: 1013, reason: 'Too many connections' })

  three[0]?.socket.close()
  await three[0]?.closed

  expect((await open('ann', 60_000)).frames).toEqual([{ type: 'connection_ack' }])
})

test('the stock client renews over the socket it was given when it connected', async () => {
  let link: WebSocket | undefined
  let closes = 0
  const client = createClient({
    url: stage.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: async () => bearer(await sign('ann', 600)),
    on: {
      connected: (socket) => {
        link = socket as WebSocket
      },
      closed: () => closes++,
    },
  })
  const events = client.iterate({ query: LIKED })
  const first = events.next()
  await expect.poll(stage.openStreams).toBe(1)

  link?.send(stringifyMessage({ type: MessageType.Ping, payload: bearer(await sign('ann', 60_000)) }))
  await new Promise((resolve) => setTimeout(resolve, 900))
  stage.streams.at(-1)?.emit('played', 1)

  expect((await first).value).toEqual({ data: { played: { n: 1, track: { liked: true } } } })
  expect(closes).toBe(0)
  await events.return?.()
  await client.dispose()
})
