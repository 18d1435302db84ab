import { serverAudits } from 'graphql-http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLogger } from '#shared/telemetry.ts'
import { readSupergraph } from '../schema/supergraph.ts'
import { createCadenzaDoor } from './cadenza.ts'
import type { Door } from './server.ts'
import { createFakeUsers } from './testing/users-room.ts'

let door: Door
let url = ''

beforeAll(async () => {
  door = await createCadenzaDoor({
    supergraph: await readSupergraph(),
    rooms: [await createFakeUsers()],
    defaultCountry: 'US',
    roomTimeoutMs: 1_000,
    isProduction: false,
    logger: createLogger('test', 'silent'),
  })
  url = `http://127.0.0.1:${await door.listen(0, '127.0.0.1')}/graphql`
})
afterAll(() => door.stop())

describe('the audits of the GraphQL over HTTP specification', () => {
  for (const audit of serverAudits({ url: () => url, fetchFn: fetch })) {
    test(`${audit.id} ${audit.name}`, async () => {
      const { status, ...result } = await audit.fn()

      expect(status, JSON.stringify(result)).toBe('ok')
    })
  }
})
