import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from './testing/database.ts'
import { createPostgresTopic, type HintTopic } from './topics.ts'

let database: TestDatabase
let here: HintTopic
let there: HintTopic

beforeAll(async () => {
  database = await createTestDatabase()
  here = await createPostgresTopic(database.url, 'test')
  there = await createPostgresTopic(database.url, 'test')
})
afterAll(async () => {
  await Promise.all([here.close(), there.close()])
  await database[Symbol.asyncDispose]()
})

test('a hint reaches those who listen for its key, in every process', async () => {
  const heard: string[] = []
  const leave = [
    here.listen('a', (hint) => heard.push(`here ${hint}`)),
    there.listen('a', (hint) => heard.push(`there ${hint}`)),
    there.listen('b', (hint) => heard.push(`other ${hint}`)),
  ]

  here.say('a', 'look again')
  await expect.poll(() => heard.sort()).toEqual(['here look again', 'there look again'])

  expect([here.size(), there.size()]).toEqual([1, 2])
  for (const go of leave) go()
  expect([here.size(), there.size()]).toEqual([0, 0])
})

test('of a thousand hints at once each key hears its last', async () => {
  const last = new Map<string, string>()
  const leave = ['a', 'b', 'c'].map((key) => there.listen(key, (hint) => last.set(key, hint)))

  for (let n = 0; n < 1_000; n++) here.say('abc'[n % 3] ?? '', String(n))

  await expect
    .poll(() => [...last].sort())
    .toEqual([
      ['a', '999'],
      ['b', '997'],
      ['c', '998'],
    ])
  for (const go of leave) go()
})

test('a topic that has lost its connection hears again', async () => {
  const heard: string[] = []
  const leave = there.listen('a', (hint) => heard.push(hint))
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await client.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cadenza hints test'",
  )
  await client.end()

  await expect
    .poll(
      () => {
        here.say('a', 'again')
        return heard.includes('again')
      },
      { timeout: 5_000 },
    )
    .toBe(true)
  leave()
})
