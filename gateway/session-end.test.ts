import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '#shared/telemetry.ts'
import { readSupergraph } from '../schema/supergraph.ts'
import { createCadenzaDoor } from './cadenza.ts'
import type { Door } from './server.ts'
import { createFakeUsers, type FakeUsers } from './testing/users-room.ts'

let door: Door
let users: FakeUsers
let url: URL

beforeAll(async () => {
  users = await createFakeUsers()
  door = await createCadenzaDoor({
    supergraph: await readSupergraph(),
    rooms: [users],
    defaultCountry: 'US',
    roomTimeoutMs: 1_000,
    isProduction: true,
    logger: createLogger('test', 'silent'),
  })
  url = new URL(`http://127.0.0.1:${await door.listen(0, '127.0.0.1')}/graphql`)
})
afterAll(() => door.stop())

test('a session that ends while the body of a request arrives has ended for that request', async () => {
  const authorization = `Bearer ${await users.sign({ sid: 's2' })}`
  const body = '{"query":"{ __typename }"}'
  const ask = (): Promise<Response> =>
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', authorization }, body })
  expect((await ask()).status).toBe(200)

  const client = connect(Number(url.port), url.hostname)
  client.write(
    `POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nauthorization: ${authorization}\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, 9)}`,
  )
  users.end('s2')
  await expect.poll(async () => (await ask()).status, { timeout: 1_500 }).toBe(401)
  client.write(body.slice(9))

  expect(String(await once(client, 'data'))).toMatch(/^HTTP\/1.1 401 /)
  client.destroy()
})
