import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createLogger } from '#shared/telemetry.ts'
import { createCadenzaDoor } from '../../gateway/cadenza.ts'
import type { Door } from '../../gateway/server.ts'
import { createFakeUsers } from '../../gateway/testing/users-room.ts'
import { readSupergraph } from '../../schema/supergraph.ts'
import { createTestCatalog, type TestCatalog } from '../../subgraphs/catalog/testing/catalog-room.ts'
import { draftTracks, idOf } from '../../subgraphs/catalog/testing/drafts.ts'

const MB = 2 ** 20
const PATIENCE_MS = 10_000
const DOCUMENT = 'query ($id: ID!) { track(id: $id) { title genres { name } artists { name } } }'

let catalog: TestCatalog
let door: Door
let url: string

beforeAll(async () => {
  catalog = await createTestCatalog()
  await catalog.catalogue.write(song('Folk'))
  door = await createCadenzaDoor({
    supergraph: await readSupergraph(),
    rooms: [await createFakeUsers(), catalog.room],
    defaultCountry: 'SE',
    roomTimeoutMs: 5_000,
    isProduction: false,
    caching: { share: 'calls', entityBytes: MB, answerBytes: MB },
    logger: createLogger('test', 'silent'),
  })
  url = `http://127.0.0.1:${await door.listen(0, '127.0.0.1')}/graphql`
})
afterAll(async () => {
  await door.stop()
  await catalog[Symbol.asyncDispose]()
})

function song(genre: string): ReturnType<typeof draftTracks> {
  return draftTracks({ title: 'Low Water', artists: ['Maren'], album: 'Tides', genres: [genre] })
}

interface Answer {
  data: { track: { genres: { name: string }[] } | null }
  extensions: { cadenza: { answer: string } }
}

async function ask(id: string): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-cadenza-trace': '1' },
    body: JSON.stringify({ query: DOCUMENT, variables: { id } }),
  })
  return (await response.json()) as Answer
}

/** The first answers may be let go of again: when the door begins to follow the catalogue, anything may have changed. */
function becomesKept(id: string): Promise<Answer> {
  return vi.waitFor(async () => {
    const answer = await ask(id)
    expect(answer.extensions.cadenza.answer).toBe('cached')
    return answer
  }, PATIENCE_MS)
}

test('what the catalogue changes is shown at once, though it might be kept for a minute', async () => {
  const id = idOf('track', 'Low Water')
  await becomesKept(id)

  await catalog.catalogue.write(song('Jazz'))

  await vi.waitFor(
    async () => expect((await ask(id)).data.track?.genres).toEqual([{ name: 'Jazz' }]),
    PATIENCE_MS,
  )
})

test('what appears in the catalogue is shown at once, though it was missing', async () => {
  const id = idOf('track', 'High Water')
  expect((await becomesKept(id)).data.track).toBeNull()

  await catalog.catalogue.write(draftTracks({ title: 'High Water', artists: ['Maren'], album: 'Tides' }))

  await vi.waitFor(async () => expect((await ask(id)).data.track).not.toBeNull(), PATIENCE_MS)
})
