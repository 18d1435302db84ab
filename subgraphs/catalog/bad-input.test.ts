import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestCatalog, type TestCatalog } from './testing/catalog-room.ts'
import { draftTracks, idOf } from './testing/drafts.ts'

const ARTIST = idOf('artist', 'Maren')

let catalog: TestCatalog

beforeAll(async () => {
  catalog = await createTestCatalog()
  await catalog.catalogue.write(draftTracks({ title: 'One', artists: ['Maren'], album: 'Album 3' }))
})
afterAll(() => catalog[Symbol.asyncDispose]())

test.each([
  ['genres(first: 0) { totalCount }'],
  ['genres(first: 101) { totalCount }'],
  ['genres(first: -1) { totalCount }'],
  ['genres(after: "x") { totalCount }'],
  [
    `genres(after: "${Buffer.from('["a\\u0000","genre_0000000000000000000000"]').toString('base64url')}") { totalCount }`,
  ],
  ['artist(id: $id) { topTracks(first: 0) { id } }'],
  ['artist(id: $id) { topTracks(first: 51) { id } }'],
  ['artist(id: $id) { albums(first: 101) { totalCount } }'],
  [
    `artist(id: $id) { albums(after: "${Buffer.from('["2001-02-30","album_0000000000000000000000"]').toString('base64url')}") { totalCount } }`,
  ],
  [
    `album(id: $album) { tracks(after: "${Buffer.from('["1","x","track_0000000000000000000000"]').toString('base64url')}") { totalCount } }`,
  ],
  ['suggest(prefix: "a", first: 21) { text }'],
  ['search(query: "a", first: 51) { didYouMean }'],
  ['search(query: "a", first: 0) { didYouMean }'],
  ['search(query: "   ") { didYouMean }'],
  [`search(query: "${'x'.repeat(201)}") { didYouMean }`],
  [`search(query: "${'x'.repeat(10_000)}") { didYouMean }`],
])('%.90s is BAD_USER_INPUT', async (field) => {
  const variables = { id: ARTIST, album: idOf('album', 'Album 3') }

  const code = await catalog.refusal(
    `query ($id: ID = "x", $album: ID = "x") { ${field} also: artist(id: $id) { id } other: album(id: $album) { id } }`,
    variables,
  )

  expect(code).toBe('BAD_USER_INPUT')
})

test.each(['track', 'album', 'artist', 'show'])('an unknown %s is null, whatever its id', async (field) => {
  for (const id of [
    `${field}_0000000000000000000000`,
    'x',
    '',
    '\u0000',
    "'; DROP TABLE track; --",
    ARTIST.slice(0, -1),
  ])
    expect(await catalog.answer(`query ($id: ID!) { ${field}(id: $id) { id } }`, { id })).toEqual({
      [field]: null,
    })
})
