import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { beforeAll, expect, test } from 'vitest'
import { type OpenStream, openStage, type Stage } from './testing/stage.ts'

let keySet: { keys: object[] }
let sign: (lifeMs: number) => Promise<string>

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  keySet = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'EdDSA', use: 'sig' }] }
  sign = (lifeMs) =>
    new SignJWT({ sub: 'ann', exp: (Date.now() + lifeMs) / 1_000 })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'k' })
      .sign(privateKey)
})

/** More than the buffers of both ends take. */
const LONG = 'x'.repeat(20_000_000)

function subscribe(url: string, token: string): Socket {
  const { port, pathname } = new URL(url)
  const client = connect(Number(port), '127.0.0.1').on('error', () => undefined)
  const query = encodeURIComponent('subscription { played { n kind } }')
  client.write(
    `GET ${pathname}?query=${query} HTTP/1.1\r\nhost: a\r\naccept: text/event-stream\r\nauthorization: Bearer ${token}\r\n\r\n`,
  )
  return client
}

/** A client that has stopped reading in the middle of an event. */
async function stuck(stage: Stage, token: string): Promise<{ client: Socket; stream: OpenStream }> {
  const client = subscribe(stage.url, token)
  await once(client, 'data')
  client.pause()
  await expect.poll(stage.openStreams).toBe(1)
  const stream = stage.streams.at(-1) as OpenStream
  stream.emit('played', 1, { kind: LONG })
  await sleep(100)
  return { client, stream }
}

/** How much a client gets from now on. */
async function rest(client: Socket): Promise<number> {
  let length = 0
  client.on('data', (data) => {
    length += data.length
  })
  await once(client.resume(), 'close')
  return length
}

test('who does not read is let go of when his token ends: nothing is written after the end', async () => {
  const stage = await openStage({ keys: keySet as never })
  const { client, stream } = await stuck(stage, await sign(700))

  await expect.poll(stage.openStreams, { timeout: 1_500 }).toBe(0)
  stream.emit('played', 2)
  await sleep(1_700)

  expect(await rest(client)).toBeLessThan(LONG.length)
  await stage.stop()
})

test('who reads again in time gets the event to its end', async () => {
  const stage = await openStage({ keys: keySet as never })
  const { client } = await stuck(stage, await sign(700))
  await expect.poll(stage.openStreams, { timeout: 1_500 }).toBe(0)

  client.end()
  expect(await rest(client)).toBeGreaterThan(LONG.length)
  await stage.stop()
})

test('who does not read does not hold up who stops the door', async () => {
  const stage = await openStage({ keys: keySet as never })
  const { client, stream } = await stuck(stage, await sign(60_000))
  const begun = Date.now()

  const stopped = stage.stop()
  stream.emit('played', 2)
  await stopped

  expect(Date.now() - begun).toBeLessThan(3_000)
  expect(stage.openStreams()).toBe(0)
  expect(await rest(client)).toBeLessThan(LONG.length)
})

test('who leaves while his token is verified leaves nothing behind', async () => {
  let publish = (): void => undefined
  const publisher = createServer((_, response) => {
    publish = () => response.end(JSON.stringify(keySet))
  }).listen(0, '127.0.0.1')
  await once(publisher, 'listening')
  const keys = new URL(`http://127.0.0.1:${(publisher.address() as AddressInfo).port}/`)
  const stage = await openStage({ keys, admission: { perUser: 1 } })
  const asked = once(publisher, 'request')
  const hasty = subscribe(stage.url, await sign(60_000))
  await asked

  hasty.destroy()
  await sleep(100)
  publish()
  await sleep(100)

  expect(stage.streams).toEqual([])
  const next = subscribe(stage.url, await sign(60_000))
  expect(String(await once(next, 'data'))).toMatch(/^HTTP\/1.1 200 /)
  next.destroy()
  await stage.stop()
  publisher.close()
})

test('who takes nothing of an answer is let go of in time; who takes it gets it whole', async () => {
  const stage = await openStage({ slowestReaderMs: 400 })
  stage.text = LONG
  const ask = async (pauseMs: number): Promise<number> => {
    const client = connect(Number(new URL(stage.url).port), '127.0.0.1').on('error', () => undefined)
    client.write('GET /graphql?query={stage} HTTP/1.1\r\nhost: a\r\n\r\n')
    await once(client, 'readable')
    await sleep(pauseMs)
    return rest(client)
  }

  expect(await ask(1_500)).toBeLessThan(LONG.length)
  expect(await ask(50)).toBeGreaterThan(LONG.length)
  await stage.stop()
})
