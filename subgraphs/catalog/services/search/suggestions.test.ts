import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createTestCatalog, statementsOf, type TestCatalog } from '../../testing/catalog-room.ts'
import { draftTracks } from '../../testing/drafts.ts'

let catalog: TestCatalog

beforeAll(async () => {
  catalog = await createTestCatalog()
  await catalog.room.start()
  await catalog.catalogue.write(draft())
})
afterAll(() => catalog[Symbol.asyncDispose]())

const draft = () => draftTracks({ title: 'Zebra', artists: ['Zephyrine'], popularity: 50 })

async function suggest(prefix: string): Promise<string[]> {
  const query = 'query ($prefix: String!) { suggest(prefix: $prefix) { text } }'
  return (await catalog.answer(query, { prefix }))['suggest'].map(({ text }: { text: string }) => text)
}

test('what was suggested is kept, however the prefix is written', async () => {
  // News of what was written before may still come, and is a reason to read again.
  await vi.waitFor(async () => {
    const statements = await statementsOf(async () => {
      expect(await suggest('ze')).toEqual(['Zephyrine', 'Zebra'])
      expect(await suggest('ZE')).toEqual(['Zephyrine', 'Zebra'])
      expect(await suggest(' ze ')).toEqual(['Zephyrine', 'Zebra'])
    })
    expect(statements.filter((text) => text.includes('search_suggestions'))).toEqual([])
  })
})

test('another name is suggested at once, the old one never again', async () => {
  await vi.waitFor(async () => expect(await suggest('ze')).toEqual(['Zephyrine', 'Zebra']))

  await catalog.catalogue.write({
    ...draft(),
    artists: draft().artists.map((artist) => ({ ...artist, name: 'Zelda' })),
  })

  await vi.waitFor(async () => expect(await suggest('ze')).toEqual(['Zelda', 'Zebra']), {
    timeout: 1_000,
    interval: 5,
  })
  expect(await suggest('zeph')).toEqual([])
})
