import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createTestCatalog, type TestCatalog } from '../testing/catalog-room.ts'
import { idOf } from '../testing/drafts.ts'

const TOPIC = 'playlists.playlist-changed.v1'
const ID = idOf('playlist', 'Night Drive')

let catalog: TestCatalog

beforeAll(async () => {
  catalog = await createTestCatalog()
  await catalog.room.start()
})
afterAll(() => catalog[Symbol.asyncDispose]())

let revision = 0
async function say(columns: object, playlistId = ID): Promise<void> {
  const base = { playlistId, name: 'Night Drive', description: null, visibility: 'PUBLIC', ownerId: 'user_x' }
  await catalog.hear('playlists', TOPIC, playlistId, {
    ...base,
    isDeleted: false,
    revision: ++revision,
    ...columns,
  })
}

async function found(query: string): Promise<string[]> {
  const document = `query ($query: String!) { search(query: $query) {
    topHit { __typename } playlists { edges { cursor node { __typename ref } } }
  } }`
  const { search } = await catalog.answer(document, { query })
  return search.playlists.edges.map(({ node }: { node: { ref: string } }) => node.ref)
}

const eventually = (query: string, refs: string[]): Promise<void> =>
  vi.waitFor(async () => expect(await found(query)).toEqual(refs), { timeout: 10_000, interval: 20 })

test('a public playlist is found by its name, as a reference that its own room answers', async () => {
  await say({})

  await eventually('night dri', [ID])
  const { suggest } = await catalog.answer(
    '{ suggest(prefix: "nig") { text kind node { __typename ... on Playlist { ref } } } }',
  )
  expect(suggest).toEqual([
    { text: 'Night Drive', kind: 'PLAYLIST', node: { __typename: 'Playlist', ref: ID } },
  ])
})

test('a playlist with another name is found by that name alone', async () => {
  await say({ name: 'Day Drive' })

  await eventually('day drive', [ID])
  expect(await found('night')).toEqual([])
})

test('a playlist that becomes private is not found any more, and is again when it is public', async () => {
  await say({ name: 'Hidden', visibility: 'PRIVATE' })
  await eventually('drive', [])
  expect(await found('hidden')).toEqual([])

  await say({ name: 'Hidden' })
  await eventually('hidden', [ID])
})

test('a deleted playlist is not found, and nothing older brings it back', async () => {
  const other = idOf('playlist', 'Marker')
  await say({ name: 'Gone', isDeleted: true })

  await say({ name: 'Gone', revision: 1 })
  await say({ name: 'Marker' }, other)

  await eventually('marker', [other])
  expect([await found('gone'), await found('hidden')]).toEqual([[], []])
})

test('of several events of one playlist the last counts', async () => {
  const names = Array.from({ length: 30 }, (_, index) => `Draft ${index}`)
  for (const name of names) await say({ name })

  await eventually('draft 29', [ID])
  expect(await catalog.db.searchDocument.count({ where: { id: ID } })).toBe(1)
})
