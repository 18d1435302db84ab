import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestCatalog, type TestCatalog } from '../../testing/catalog-room.ts'
import { draftTracks } from '../../testing/drafts.ts'

const QUERY = `query ($query: String!) { search(query: $query) {
  topHit { __typename }
  tracks { edges { matchedBy score node { title } } }
  artists { edges { node { name } } }
  didYouMean
} }`

let catalog: TestCatalog

beforeAll(async () => {
  catalog = await createTestCatalog()
  await catalog.catalogue.write(
    draftTracks(
      { title: 'Crazy in Love', artists: ['Beyoncé'], popularity: 90 },
      { title: 'Beautiful Letter', artists: ['Sylvan Esso'], popularity: 20 },
      { title: 'Letter', artists: ['Ida'], popularity: 80 },
      { title: 'Kindergarten', artists: ['Faith'], popularity: 10 },
      { title: 'Summer of the Story', artists: ['Nils'], popularity: 10 },
      { title: 'Handmade Ego', artists: ['Tom'], popularity: 10 },
      { title: 'Любовь и Дождь', artists: ['Журавлёв'], popularity: 10 },
      { title: 'Τελευταία Νύχτα', artists: ['Ελένη'], popularity: 10 },
      { title: 'ירושלים של זהב', artists: ['נועה'], popularity: 10 },
      { title: 'ज़िंदगी का सफ़र', artists: ['आशा'], popularity: 10 },
      { title: '서늘한 오후', artists: ['장현우'], popularity: 10 },
      { title: '夜明けの銀河', artists: ['星野 千尋'], popularity: 10 },
      { title: 'U2', key: 'u2', artists: ['Cover Band'], popularity: 10 },
    ),
  )
})
afterAll(() => catalog[Symbol.asyncDispose]())

async function find(query: string) {
  return (await catalog.answer(QUERY, { query }))['search']
}

const titlesOf = (found: { tracks: { edges: { node: { title: string } }[] } }): string[] =>
  found.tracks.edges.map(({ node }) => node.title)

test.each([
  ['a letter changed', 'Crazy in Lave', 'Crazy in Love'],
  ['a letter left out', 'Beutiful Letter', 'Beautiful Letter'],
  ['a letter put in', 'Beautifull Letter', 'Beautiful Letter'],
  ['two letters swapped', 'Kindergraten', 'Kindergarten'],
  ['a letter changed and two swapped', 'Kindergaatne', 'Kindergarten'],
  ['a mistake in each of two words', 'beutiful leter', 'Beautiful Letter'],
  ['words run together', 'crazy inlove', 'Crazy in Love'],
  ['words run together with a letter between', 'handmadecego', 'Handmade Ego'],
  ['a word torn apart', 'kinder garten', 'Kindergarten'],
  ['a blank one letter too late', 'summero f the story', 'Summer of the Story'],
  ['a word too many', 'crazy in much love', 'Crazy in Love'],
  ['the last word not typed out', 'beutiful let', 'Beautiful Letter'],
  ['two fields', 'beyonse crasy', 'Crazy in Love'],
  ['Cyrillic', 'Любвоь и Дожд', 'Любовь и Дождь'],
  ['Greek', 'Τελευταια Νυχτο', 'Τελευταία Νύχτα'],
  ['Hebrew', 'ירושלם של זהב', 'ירושלים של זהב'],
  ['Devanagari', 'ज़िंदगि का सफ़र', 'ज़िंदगी का सफ़र'],
  ['Korean', '서늘안 오후', '서늘한 오후'],
  ['Japanese, a character changed', '夜明けの銀可', '夜明けの銀河'],
  ['Japanese, a character put in', '夜明けの大銀河', '夜明けの銀河'],
])('%s is forgiven: %s finds %s', async (_, query, title) => {
  const found = await find(query)

  expect(titlesOf(found)[0]).toBe(title)
  expect(found.tracks.edges[0].matchedBy).toEqual(['FUZZY'])
  expect(found.tracks.edges[0].score).toBeLessThan(1)
  expect(found.topHit.__typename).toBe('Track')
})

test.each([
  ['crzy in lovw', 'Crazy in Love'],
  ['beyonse crasy', 'beyonce crazy'],
  ['Любвоь и Дожд', 'Любовь и Дождь'],
  ['Τελευταια Νυχτο', 'Τελευταία Νύχτα'],
  ['서늘안 오후', '서늘한 오후'],
  ['夜明けの銀可', '夜明けの銀河'],
])('%s may be spelt %s', async (query, spelling) => {
  expect((await find(query)).didYouMean).toBe(spelling)
})

test('nothing is alike that is no more than half the same', async () => {
  for (const query of [
    'qqqqxyzzy',
    'xkvw',
    '!?',
    '𓀀𓀁',
    'much ado',
    'z'.repeat(200),
    'x '.repeat(100).trim(),
  ]) {
    const found = await find(query)

    expect([titlesOf(found), found.didYouMean]).toEqual([[], null])
  }
})

test('what has the words as they were typed is enough: nothing alike comes with it', async () => {
  const found = await find('letter')

  expect(titlesOf(found)).toEqual(['Letter', 'Beautiful Letter'])
  expect(found.didYouMean).toBeNull()
})

test('what comes closer is first, and among those as close the more popular', async () => {
  await catalog.catalogue.write(
    draftTracks(
      { title: 'Wandering', key: 'w1', artists: ['A'], popularity: 1 },
      { title: 'Wondering', key: 'w2', artists: ['B'], popularity: 60 },
      { title: 'Wandering', key: 'w3', artists: ['C'], popularity: 30 },
    ),
  )

  const found = await find('wanderign')

  const titles = titlesOf(found)
  const scores = found.tracks.edges.map(({ score }: { score: number }) => score)
  expect(titles).toEqual(['Wandering', 'Wandering', 'Wondering'])
  expect(scores).toEqual([...scores].sort((a, b) => b - a))
  expect(scores[0]).toBeGreaterThan(scores[1])
})
