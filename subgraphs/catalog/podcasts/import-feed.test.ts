import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { record } from '../audio/testing/recordings.ts'
import type { CatalogueDraft } from '../services/drafts.ts'
import { type Answer, createTestCatalog, type TestCatalog } from '../testing/catalog-room.ts'
import { runCommand } from '../testing/command.ts'
import { feedOf, itemOf } from '../testing/feed.ts'
import { importFeed, MAX_EPISODES, MAX_FEED_BYTES } from './import-feed.ts'

let catalog: TestCatalog
let folder: string

beforeAll(async () => {
  catalog = await createTestCatalog()
})
beforeEach(async () => {
  await catalog.empty()
  folder = await mkdtemp(join(tmpdir(), 'cadenza-feed-'))
})
afterEach(() => rm(folder, { recursive: true }))
afterAll(() => catalog[Symbol.asyncDispose]())

async function put(path: string, content: string | Buffer): Promise<string> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), content)
  return join(folder, path)
}

/** Reads a feed; what is beside it is audio of 90 s when it says so. */
async function run(text: string | Buffer) {
  const faults: string[] = []
  const outcome = await importFeed({
    file: await put('feed.xml', text),
    catalogue: catalog.catalogue,
    measure: async (path) => (path.endsWith('.mp3') ? 90_000 : null),
    onFault: (item, reason) => faults.push(`${item} ${reason}`),
  })
  return { ...outcome, faults }
}

const SHOW = `query ($id: ID!) { show(id: $id) { title description publisher kind language website explicit
  episodes(first: 100) { totalCount nodes { title durationMs kind explicit season number publishedAt chapters { startMs title }
    enclosure { url mediaType sizeBytes } } } } }`
const readShow = async (id: string): Promise<Answer> => (await catalog.answer(SHOW, { id }))['show']
const titlesOf = (show: Answer): string[] => show['episodes'].nodes.map((episode: Answer) => episode['title'])

test('a feed becomes a show with its episodes, the newest first, and is found', async () => {
  const chapters =
    '<psc:chapters><psc:chapter start="0" title="One"/><psc:chapter start="01:00:00" title="Behind the end"/></psc:chapters>'
  const { showId, episodes, faults } = await run(
    feedOf(
      [
        itemOf('b', `${chapters}<itunes:season>1</itunes:season><itunes:episode>2</itunes:episode>`, 2),
        itemOf('a', '', 1),
      ],
      '<itunes:author>Saltmarsh</itunes:author><language>sv</language>',
    ),
  )

  const show = await readShow(showId)
  const { search } = await catalog.answer(
    '{ search(query: "Episode b") { episodes { edges { node { title } } } } }',
  )

  expect([episodes, faults]).toEqual([2, []])
  expect(show).toMatchObject({
    title: 'Tide Tables',
    publisher: 'Saltmarsh',
    kind: 'EPISODIC',
    language: 'sv',
  })
  expect(titlesOf(show)).toEqual(['Episode b', 'Episode a'])
  expect(show['episodes'].nodes[0]).toEqual({
    title: 'Episode b',
    durationMs: 3_600_000,
    kind: 'FULL',
    explicit: false,
    season: 1,
    number: 2,
    publishedAt: '2026-07-02T06:00:00.000Z',
    chapters: [{ startMs: 0, title: 'One' }],
    enclosure: { url: 'https://cdn.example/b.mp3', mediaType: 'audio/mpeg', sizeBytes: 1234 },
  })
  expect(search.episodes.edges[0]).toEqual({ node: { title: 'Episode b' } })
})

test('a serial show is heard from the first episode on; one that becomes serial is turned round', async () => {
  const items = [
    itemOf('e3', '<itunes:season>2</itunes:season><itunes:episode>1</itunes:episode>', 5),
    itemOf('e2', '<itunes:season>1</itunes:season><itunes:episode>2</itunes:episode>', 5),
    itemOf('e1', '<itunes:season>1</itunes:season><itunes:episode>1</itunes:episode>', 5),
    itemOf('e0', '<itunes:episodeType>trailer</itunes:episodeType>', 1),
    itemOf('undated').replace(/<pubDate>.*?<\/pubDate>/, ''),
  ]
  const { showId } = await run(feedOf(items))
  const before = titlesOf(await readShow(showId))
  await run(feedOf(items, '<itunes:type>serial</itunes:type>'))

  expect(before).toEqual(['e3', 'e2', 'e1', 'e0', 'undated'].map((key) => `Episode ${key}`))
  expect(titlesOf(await readShow(showId))).toEqual(
    ['e0', 'e1', 'e2', 'e3', 'undated'].map((key) => `Episode ${key}`),
  )
})

test('the same feed again changes nothing and says nothing; a feed that goes on keeps what fell out of it', async () => {
  const first = await run(feedOf([itemOf('b', '', 2), itemOf('a', '', 1)]))
  const events = await catalog.db.outbox.count()
  const second = await run(feedOf([itemOf('b', '', 2), itemOf('a', '', 1)]))
  const unchanged = await catalog.db.outbox.count()
  await catalog.events('catalog.episode-changed.v1')
  await run(feedOf([itemOf('c', '', 3), itemOf('b', '', 2).replace('Episode b', 'Renamed')]))

  expect([second.showId, unchanged]).toEqual([first.showId, events])
  expect(titlesOf(await readShow(first.showId))).toEqual(['Episode c', 'Renamed', 'Episode a'])
  const told = await catalog.events('catalog.episode-changed.v1')
  expect(told.map(({ title, version }) => [title, version]).sort()).toEqual([
    ['Episode c', 1],
    ['Renamed', 2],
  ])
})

test('an item that cannot be an episode is named and left out, the others are in', async () => {
  const { episodes, faults } = await run(
    feedOf([
      itemOf('good'),
      itemOf('good').replace('Episode good', 'Again'),
      '<item><guid>x</guid></item>',
      '<item><title>Nothing else</title></item>',
      itemOf('endless').replace('1:00:00', '25:00:00'),
    ]),
  )

  expect(episodes).toBe(1)
  expect(faults).toEqual([
    'Again is left out: an earlier item has the same GUID',
    'Item 3 is left out: it has no title',
    'Nothing else is left out: it does not say how long it is, from a second to a day',
    'Episode endless is left out: it does not say how long it is, from a second to a day',
  ])
})

test('audio beside the feed is found by its path and by the name of its address, and measured', async () => {
  await put('audio/one.mp3', 'x')
  await put('two words.mp3', 'x')
  await put('notes.txt', 'x')
  const audio = (guid: string, url: string) =>
    itemOf(guid)
      .replace(/<enclosure[^>]*>/, `<enclosure url="${url}"/>`)
      .replace(/<itunes:duration>.*?<\/itunes:duration>/, '')
  const { local, faults, showId } = await run(
    feedOf([
      audio('path', 'audio/one.mp3'),
      audio('name', 'https://cdn.example/show/two%20words.mp3?token=1'),
      audio('text', 'notes.txt'),
    ]),
  )

  expect(local.map(({ path }) => path.slice(folder.length))).toEqual(['/audio/one.mp3', '/two words.mp3'])
  expect(faults).toEqual([
    'Episode text has a file beside the feed that is no audio',
    'Episode text is left out: it does not say how long it is, from a second to a day',
  ])
  const { nodes } = (await readShow(showId))['episodes']
  const facts = nodes.map((episode: Answer) => [
    episode['title'],
    episode['durationMs'],
    episode['enclosure']?.url,
  ])
  expect(facts.sort()).toEqual([
    ['Episode name', 90_000, 'https://cdn.example/show/two%20words.mp3?token=1'],
    ['Episode path', 90_000, undefined],
  ])
})

test.each([
  '../out.mp3',
  '/etc/hostname',
  'link.mp3',
  'loop',
  'file:///etc/hostname',
  '%00',
  '%zz',
  '.',
  '',
  'https://cdn.example/..%2fout.mp3',
])('an address never leads out of the folder: %s', async (address) => {
  await put('out.mp3', 'x')
  const inner = join(folder, 'inner')
  await mkdir(inner)
  await symlink(join(folder, 'out.mp3'), join(inner, 'link.mp3'))
  await symlink('loop', join(inner, 'loop'))
  await writeFile(join(inner, 'feed.xml'), feedOf([itemOf('a').replace(/url="[^"]*"/, `url="${address}"`)]))

  const { local, episodes } = await importFeed({
    file: join(inner, 'feed.xml'),
    catalogue: catalog.catalogue,
    measure: async () => 1_000,
    onFault: () => undefined,
  })

  expect([local, episodes]).toEqual([[], 1])
})

test('chapters of a file beside the feed count more than those in it, unless they cannot be read', async () => {
  await put('good.json', JSON.stringify({ chapters: [{ startTime: 1, title: 'From the file' }] }))
  await put('bad.json', '{')
  const inline = '<psc:chapters><psc:chapter start="2" title="Inline"/></psc:chapters>'
  const { showId, faults } = await run(
    feedOf([
      itemOf('good', `${inline}<podcast:chapters url="https://cdn.example/good.json"/>`, 3),
      itemOf('bad', `${inline}<podcast:chapters url="bad.json"/>`, 2),
      itemOf('away', `${inline}<podcast:chapters url="https://cdn.example/away.json"/>`, 1),
    ]),
  )

  const { nodes } = (await readShow(showId))['episodes']
  expect(nodes.map((episode: Answer) => episode['chapters'][0].title)).toEqual([
    'From the file',
    'Inline',
    'Inline',
  ])
  expect(faults).toEqual(['Episode bad has chapters that cannot be read'])
})

test('a feed in the encoding it declares is read', async () => {
  const text = feedOf([]).replace('UTF-8', 'ISO-8859-1').replace('Tide Tables', 'Blå hav')

  expect((await run(Buffer.from(text, 'latin1'))).title).toBe('Blå hav')
})

/** Reads a feed for what would be written of it: limits are large, and a database is not what they are of. */
async function count(text: string | Buffer): Promise<{ episodes: number; faults: string[] }> {
  const faults: string[] = []
  let episodes = 0
  const write = async (draft: CatalogueDraft) => {
    episodes += draft.episodes.length
    return []
  }
  const file = await put('feed.xml', text)
  const measure = async () => null
  await importFeed({
    file,
    catalogue: { write },
    measure,
    onFault: (item, reason) => faults.push(`${item} ${reason}`),
  })
  return { episodes, faults }
}

test('32 MiB are read, and a byte more is not', async () => {
  const bare = feedOf([itemOf('a')])
  const padded = (bytes: number) => Buffer.concat([Buffer.from(bare), Buffer.alloc(bytes - bare.length, ' ')])

  expect(await count(padded(MAX_FEED_BYTES))).toEqual({ episodes: 1, faults: [] })
  await expect(count(padded(MAX_FEED_BYTES + 1))).rejects.toThrow(/is larger than 32 MiB/)
}, 120_000)

test('10,000 episodes are read, and one more is not', async () => {
  const item = (index: number) =>
    `<item><guid>${index}</guid><title>E</title><itunes:duration>5</itunes:duration></item>`
  const items = Array.from({ length: MAX_EPISODES + 1 }, (_, index) => item(index))

  expect(await count(feedOf(items.slice(1)))).toEqual({ episodes: MAX_EPISODES, faults: [] })
  expect(await count(feedOf(items))).toEqual({
    episodes: MAX_EPISODES,
    faults: ['E is left out, and what comes after it: a show has at most 10000 episodes'],
  })
}, 120_000)

test('a GUID as long as it likes is an identity like any other', async () => {
  const long = (end: string) => itemOf(`${'夜'.repeat(1_900)}${end}`)
  await run(feedOf([long('a'), long('b')]))
  await run(feedOf([long('a'), long('b')]))

  expect(await catalog.db.episode.count()).toBe(2)
})

test('the command says what came in, and in one sentence what was wrong', async () => {
  const file = await put('feed.xml', feedOf([itemOf('a'), '<item/>']))
  const environment = { DATABASE_URL: catalog.url, CADENZA_HOME: folder }

  const good = await runCommand('import-podcasts', [file], environment)
  const cut = await runCommand(
    'import-podcasts',
    [await put('cut.xml', feedOf([]).slice(0, -9))],
    environment,
  )
  const none = await runCommand('import-podcasts', [join(folder, 'none.xml')], environment)

  expect([good.code, good.out, good.said]).toEqual([
    0,
    'Tide Tables: 1 episodes, 0 with audio from beside the feed\n',
    'Item 2: is left out: it has no title\n',
  ])
  expect([cut.code, cut.said]).toEqual([1, expect.stringMatching(/^It is no whole XML: line 2: .*\n$/)])
  expect([none.code, none.said]).toEqual([1, `${join(folder, 'none.xml')} cannot be read: ENOENT\n`])
}, 120_000)

test('audio beside the feed is transcoded and told, once', async () => {
  await record(join(folder, 'one.wav'), { seconds: 2 })
  await put('two.mp3', 'no sound')
  const audio = (guid: string, url: string) =>
    itemOf(guid).replace(/<enclosure[^>]*>/, `<enclosure url="${url}"/>`)
  const file = await put('feed.xml', feedOf([audio('one', 'one.wav'), audio('two', 'two.mp3')]))
  const environment = { DATABASE_URL: catalog.url, CADENZA_HOME: catalog.home }
  await catalog.events('catalog.audio-packaged.v1')

  const first = await runCommand('import-podcasts', [file], environment)
  const second = await runCommand('import-podcasts', [file], environment)

  expect([first.code, first.out, first.said]).toEqual([
    0,
    'Tide Tables: 2 episodes, 1 with audio from beside the feed\n',
    'Episode two: has a file beside the feed that is no audio\n',
  ])
  expect(second.out).toBe(first.out)
  const [episode] = await catalog.db.episode.findMany({ where: { title: 'Episode one' } })
  expect(episode?.durationMs).toBe(2_000)
  expect(await catalog.events('catalog.audio-packaged.v1')).toMatchObject([
    { playableId: episode?.id, version: 1, asset: { durationMs: 2_000 } },
  ])
}, 120_000)
