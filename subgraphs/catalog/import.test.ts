import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestCatalog, type TestCatalog } from './testing/catalog-room.ts'
import { runCommand } from './testing/command.ts'
import { line, text } from './testing/track-file.ts'

let catalog: TestCatalog

beforeAll(async () => {
  catalog = await createTestCatalog()
})
afterAll(() => catalog[Symbol.asyncDispose]())

const command = (args: string[], env: Record<string, string>) => runCommand('import', args, env)

test('the command counts, names the first bad lines, and fails with one sentence when the file is cut', async () => {
  const file = join(catalog.home, 'cut.csv')
  await writeFile(
    file,
    text(line('t1'), ...Array.from({ length: 25 }, () => 'bad'), line('t2')).slice(0, -10),
  )

  // As `npm start` leaves it for those who come to its database.
  await mkdir(join(catalog.home, 'run'))
  await writeFile(join(catalog.home, 'run', 'database-url'), `${catalog.url}\n`)
  const { code, out, said } = await command([file], { CADENZA_HOME: catalog.home })
  await rm(join(catalog.home, 'run'), { recursive: true })

  expect(out).toMatch(/^26 rows: 1 new, 0 changed, 0 unchanged, 25 skipped; \d+\.\d s, peak memory \d+ MB\n$/)
  const lines = said.trim().split('\n')
  expect(lines.slice(0, 2)).toEqual([
    'Line 3 skipped: it has 1 columns, the first line 19',
    'Line 4 skipped: it has 1 columns, the first line 19',
  ])
  expect(lines.slice(20)).toEqual([
    '… and 5 more lines skipped',
    'cut.csv does not end as it should: line 28 has no line end, so it may be half a line and was left out. All rows before are in',
  ])
  expect(code).toBe(1)
})

test('without a database the command says in one sentence what to do', async () => {
  const file = join(catalog.home, 'tracks.csv')
  await writeFile(file, text(line('t1')))

  const home = await command([file], { CADENZA_HOME: catalog.home })
  const nobody = await command([file], { DATABASE_URL: 'postgres://cadenza@127.0.0.1:9/cadenza' })

  expect([home.code, nobody.code]).toEqual([1, 1])
  expect(home.said).toBe(`No Cadenza runs on ${catalog.home}: start it (npm start), or set DATABASE_URL\n`)
  expect(nobody.said).toBe(
    'PostgreSQL at 127.0.0.1:9 does not answer: start Cadenza (npm start), or set DATABASE_URL\n',
  )
})
