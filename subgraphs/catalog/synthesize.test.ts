import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestCatalog, type TestCatalog } from './testing/catalog-room.ts'
import { runCommand } from './testing/command.ts'

const USAGE = 'How many tracks? npm run catalog:synthesize -- COUNT [--seed NUMBER]\n'

let catalog: TestCatalog

beforeAll(async () => {
  catalog = await createTestCatalog()
})
afterAll(() => catalog[Symbol.asyncDispose]())

test('the command makes as many tracks as it is told, and says so', async () => {
  const { code, out, said } = await runCommand('synthesize', ['100', '--seed', '3'], {
    DATABASE_URL: catalog.url,
  })

  expect(out).toMatch(/^100 tracks of seed 3: 100 new; \d+\.\d s\n$/)
  expect([code, said]).toEqual([0, ''])
  expect(await catalog.db.track.count({ where: { source: 'synthetic-3' } })).toBe(100)
})

test.each([[[]], [['0']], [['100000001']], [['10', '--seed', 'x']]])(
  '%j is answered with how to ask',
  async (args) => {
    const { code, said } = await runCommand('synthesize', args, { DATABASE_URL: catalog.url })

    expect([code, said]).toEqual([1, USAGE])
  },
)

test('without a database the command says in one sentence what to do', async () => {
  const { code, said } = await runCommand('synthesize', ['10'], { CADENZA_HOME: catalog.home })

  expect(said).toBe(`No Cadenza runs on ${catalog.home}: start it (npm start), or set DATABASE_URL\n`)
  expect(code).toBe(1)
})
