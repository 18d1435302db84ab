import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openStage, type Stage } from './testing/stage.ts'

let stage: Stage
let sign: (sub: string, lifeMs?: number) => Promise<string>
const leaving = new Set<AbortController>()

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'EdDSA', use: 'sig' }] }
  sign = (sub, lifeMs = 60_000) =>
    new SignJWT({ sub, exp: (Date.now() + lifeMs) / 1_000 })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'k' })
      .sign(privateKey)
  stage = await openStage({ keys, admission: { perUser: 2 } })
})
afterEach(async () => {
  for (const controller of leaving) controller.abort()
  leaving.clear()
  await expect.poll(stage.openStreams, { timeout: 1_000 }).toBe(0)
})
afterAll(() => stage.stop())

const PLAYED = 'subscription { played { n kind track { title } } }'
const EVENTS = 'text/event-stream'

interface Reading {
  response: Response
  /** What has come so far. */
  text(): string
  /** Settles when the stream has ended: whether as it should, or cut off. */
  ended: Promise<'ended' | 'cut'>
  leave(): void
  pause(isPaused: boolean): void
}

async function ask(query: string, { headers = {}, method = 'POST' } = {}): Promise<Reading> {
  const controller = new AbortController()
  leaving.add(controller)
  const [url, body] =
    method === 'GET'
      ? [`${stage.url}?query=${encodeURIComponent(query)}`, null]
      : [stage.url, JSON.stringify({ query })]
  const response = await fetch(url, {
    method,
    signal: controller.signal,
    headers: { accept: EVENTS, ...(body !== null && { 'content-type': 'application/json' }), ...headers },
    body,
  })
  let text = ''
  let gate = Promise.resolve()
  let open = (): void => undefined
  async function read(): Promise<'ended' | 'cut'> {
    try {
      for await (const chunk of response.body ?? []) {
        text += Buffer.from(chunk).toString()
        await gate
      }
      return 'ended'
    } catch {
      return 'cut'
    }
  }
  return {
    response,
    text: () => text,
    ended: read(),
    leave: () => controller.abort(),
    pause(isPaused) {
      if (!isPaused) return open()
      gate = new Promise((resolve) => {
        open = resolve
      })
    },
  }
}

const next = (result: object): string => `event: next\ndata: ${JSON.stringify(result)}\n\n`
const COMPLETE = 'event: complete\ndata:\n\n'
const played = (n: number): object => ({
  data: { played: { n, kind: 'PLAY', track: { title: `Title of track-${n}` } } },
})

test.each(['POST', 'GET'])('a subscription by %s is a stream of its results', async (method) => {
  const { response, text, ended } = await ask(PLAYED, { method })
  await expect.poll(stage.openStreams).toBe(1)
  const { emit, channel } = stage.streams.at(-1) as Stage['streams'][number]
  for (const n of [1, 2, 3]) emit('played', n)
  channel.close()

  expect(await ended).toBe('ended')
  expect(text()).toBe(`:\n\n${[1, 2, 3].map((n) => next(played(n))).join('')}${COMPLETE}`)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(response.headers.get('cache-control')).toBe('no-store')
})

test('a query is one result, a refusal one with errors; nothing of the inside is in either', async () => {
  const [query, unknown, parse] = [
    await ask('{ stage }'),
    await ask('{ nothing }'),
    await ask('{', { method: 'GET' }),
  ]
  await Promise.all([query.ended, unknown.ended, parse.ended])

  expect(query.text()).toBe(`:\n\n${next({ data: { stage: 'main' } })}${COMPLETE}`)
  expect(unknown.text()).toMatch(
    /^:\n\nevent: next\ndata: \{"errors":.*GRAPHQL_VALIDATION_FAILED.*\n\nevent: complete\ndata:\n\n$/,
  )
  expect(parse.text()).toContain('GRAPHQL_PARSE_FAILED')
})

test('who takes JSON as well gets JSON, but for subscriptions', async () => {
  const both = { accept: 'application/json, text/event-stream' }
  const [query, unknown] = [
    await ask('{ stage }', { headers: both }),
    await ask('{ nothing }', { headers: both }),
  ]
  const events = await ask(PLAYED, { headers: both })

  expect(query.response.headers.get('content-type')).toContain('application/json')
  expect(unknown.response.headers.get('content-type')).toContain('application/json')
  expect(events.response.headers.get('content-type')).toContain(EVENTS)
  expect((await ask('{ stage }', { headers: { accept: 'text/html' } })).response.status).toBe(406)
})

test('what HTTP has a status for has it: a mutation by GET, a bad token, a page of another site', async () => {
  const mutation = await ask('mutation { touch }', { method: 'GET' })
  const forged = await ask(PLAYED, { headers: { authorization: 'Bearer forged' } })
  const foreign = await ask(PLAYED, { method: 'GET', headers: { 'sec-fetch-site': 'cross-site' } })

  expect([mutation, forged, foreign].map(({ response }) => response.status)).toEqual([405, 401, 400])
  expect(stage.openStreams()).toBe(0)
})

test('who leaves while nothing happens frees the room’s stream', async () => {
  const { leave } = await ask(PLAYED)
  await expect.poll(stage.openStreams).toBe(1)

  leave()

  await expect.poll(stage.openStreams, { timeout: 1_000 }).toBe(0)
})

test('it ends, without complete, within a second of the token’s end', async () => {
  const begun = Date.now()
  const { text, ended } = await ask(PLAYED, {
    headers: { authorization: `Bearer ${await sign('ann', 600)}` },
  })
  await expect.poll(stage.openStreams).toBe(1)

  expect(await ended).toBe('ended')
  expect(Date.now() - begun).toBeLessThan(1_600)
  expect(text()).toBe(':\n\n')
})

test('sockets and streams of one person are counted together; what is too many is 429', async () => {
  const headers = { authorization: `Bearer ${await sign('ann')}` }
  const [first] = [await ask(PLAYED, { headers }), await ask(PLAYED, { headers })]
  expect((await ask(PLAYED, { headers })).response.status).toBe(429)

  first.leave()

  await expect.poll(async () => (await ask('{ stage }', { headers })).response.status).toBe(200)
})

test('who does not read is cut off while others miss nothing', async () => {
  const query = 'subscription { broadcast { n kind } }'
  const [reader, paused] = [await ask(query), await ask(query)]
  await expect.poll(stage.openStreams).toBe(1)
  const { emit } = stage.streams.at(-1) as Stage['streams'][number]
  paused.pause(true)
  const kind = 'x'.repeat(30_000)
  for (let n = 1; n <= 1_500; n++) {
    emit('broadcast', n, { kind })
    if (n % 20 === 0)
      await expect
        .poll(() => reader.text().endsWith(`"n":${n},"kind":"${kind}"}}}\n\n`), {
          interval: 1,
          timeout: 10_000,
        })
        .toBe(true)
  }
  paused.pause(false)

  expect(await paused.ended).toBe('cut')
  expect(reader.text().match(/"n":\d+/g)).toEqual(Array.from({ length: 1_500 }, (_, at) => `"n":${at + 1}`))
}, 60_000)

test('stopping ends them', async () => {
  const stopping = await openStage()
  const response = await fetch(stopping.url, {
    method: 'POST',
    headers: { accept: EVENTS, 'content-type': 'application/json' },
    body: JSON.stringify({ query: PLAYED }),
  })
  const begun = Date.now()

  await stopping.stop()

  expect(await response.text()).toBe(':\n\n')
  expect(Date.now() - begun).toBeLessThan(1_000)
})
