import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTestCatalog, type TestCatalog } from '../testing/catalog-room.ts'
import { runCommand } from '../testing/command.ts'
import { draftTracks, idOf } from '../testing/drafts.ts'
import { MAX_LRC_BYTES } from './folder.ts'
import { importLyrics } from './import-lyrics.ts'

let catalog: TestCatalog
let folder: string

beforeAll(async () => {
  catalog = await createTestCatalog()
})
beforeEach(async () => {
  await catalog.empty()
  folder = await mkdtemp(join(tmpdir(), 'cadenza-lyrics-'))
  await catalog.catalogue.write(
    draftTracks(
      { title: 'Night', key: 'Night Ann', artists: ['Ann'], album: 'Tide' },
      { title: 'Night', key: 'Night Bo', artists: ['Bo', 'Cy'], album: 'Ebb' },
      { title: 'Dawn', artists: ['Ann'], album: 'Tide' },
      { title: 'Déjà vu', key: 'deja', artists: ['Ólöf'], album: 'Tide' },
    ),
  )
})
afterEach(() => rm(folder, { recursive: true }))
afterAll(() => catalog[Symbol.asyncDispose]())

async function put(path: string, content: string | Buffer = '[00:01.00]la'): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), content)
}

async function run(): Promise<{ outcome: object; faults: string[]; sung: string[] }> {
  const faults: string[] = []
  const outcome = await importLyrics({
    folder,
    db: catalog.db,
    catalogue: catalog.catalogue,
    onFault: (path, reason) => faults.push(`${path} ${reason}`),
  })
  const rows = await catalog.db.lyrics.findMany({ orderBy: { trackId: 'asc' } })
  return { outcome, faults: faults.sort(), sung: rows.map(({ trackId }) => trackId).sort() }
}
const ids = (...keys: string[]): string[] => keys.map((key) => idOf('track', key)).sort()

test.each([
  ['whatever.lrc', '[ti:night][ar:ann]\n[ti: NIGHT]\n[ar: Ann]\n[00:01.00]la', ['Night Ann']],
  ['Ann - Night.lrc', undefined, ['Night Ann']],
  ['03. Ann - Night.LRC', undefined, ['Night Ann']],
  ['Cy - Night.lrc', undefined, ['Night Bo']],
  ['Tide/01 Night.lrc', undefined, ['Night Ann']],
  ['Bo & Cy/Other/Night.lrc', undefined, ['Night Bo']],
  ['Dawn.lrc', undefined, ['Dawn']],
  ['Olof - Deja Vu.lrc', undefined, ['deja']],
])('%s is of the track it says', async (path, content, keys) => {
  await put(path, content)

  const { outcome, faults, sung } = await run()

  expect([outcome, faults]).toEqual([{ files: 1, matched: 1, tracks: keys.length }, []])
  expect(sung).toEqual(ids(...keys))
})

test('what cannot be told is named and left out', async () => {
  await put('Night.lrc')
  await put('Ann - Dusk.lrc')
  await put('Di - Night.lrc')
  await put('empty.lrc', '')
  await put('zip.lrc', Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0]).fill(0, 4))
  await put('Dawn.lrc', `[00:01.00]la\n${' '.repeat(MAX_LRC_BYTES)}`)
  await put('Dawn.txt')

  const { outcome, faults, sung } = await run()

  expect(outcome).toEqual({ files: 6, matched: 0, tracks: 0 })
  expect(faults).toEqual([
    'Ann - Dusk.lrc is of no track that is here',
    'Dawn.lrc is larger than 512 KiB',
    'Di - Night.lrc is of no track that is here',
    'Night.lrc may be of 2 tracks: name the artist in it, [ar:…]',
    'empty.lrc has no words in it',
    'zip.lrc is no text',
  ])
  expect(sung).toEqual([])
})

test('a file of 512 KiB to the byte is read', async () => {
  const words = '[00:01.00]la\n'
  await put('Dawn.lrc', words + ' '.repeat(MAX_LRC_BYTES - words.length))

  expect((await run()).sung).toEqual(ids('Dawn'))
})

test('links are not followed, loops among them', async () => {
  await put('a/Dawn.lrc')
  await symlink(folder, join(folder, 'a', 'loop'))
  await symlink(join(folder, 'a', 'Dawn.lrc'), join(folder, 'Dawn.lrc'))

  expect((await run()).outcome).toEqual({ files: 1, matched: 1, tracks: 1 })
})

test('more files than one transaction holds, and the same again: nothing is told twice', async () => {
  const titles = Array.from({ length: 450 }, (_, index) => `Song ${index}`)
  await catalog.catalogue.write(draftTracks(...titles.map((title) => ({ title, artists: ['Ed'] }))))
  for (const title of titles) await put(`Ed/${title}.lrc`)

  const first = await run()
  const events = await catalog.db.outbox.count()
  const second = await run()

  expect(first.outcome).toEqual({ files: 450, matched: 450, tracks: 450 })
  expect(second.outcome).toEqual(first.outcome)
  expect(await catalog.db.outbox.count()).toBe(events)
})

test('the command says how many, and what was left out', async () => {
  await put('Dawn.lrc')
  await put('Dusk.lrc')

  const { code, out, said } = await runCommand('import-lyrics', [folder], { DATABASE_URL: catalog.url })
  const missing = await runCommand('import-lyrics', [join(folder, 'none')], { DATABASE_URL: catalog.url })
  const nothing = await runCommand('import-lyrics', [], { DATABASE_URL: catalog.url })

  expect([code, out, said]).toEqual([
    0,
    '2 LRC files: 1 of them are of 1 tracks\n',
    'Dusk.lrc: is of no track that is here\n',
  ])
  expect([missing.code, missing.said]).toEqual([1, `${join(folder, 'none')} cannot be read: ENOENT\n`])
  expect([nothing.code, nothing.said]).toEqual([1, 'Which folder? npm run lyrics:import -- FOLDER\n'])
}, 120_000)
