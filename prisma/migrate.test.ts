import pg from 'pg'
import { expect, test } from 'vitest'
import { createTestDatabase } from '#shared/testing/database.ts'
import { ROOMS } from '../schema/supergraph.ts'
import { migrate, tablesOf } from './migrate.ts'

test.each(ROOMS)('%s: the migrations make exactly the columns that schema.prisma describes', async (room) => {
  await using database = await createTestDatabase()
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()

  await client.query(`CREATE SCHEMA described; SET search_path = described, public`)
  await client.query(
    (await tablesOf(room, database.url)).replaceAll('"public".', '').replaceAll(`"${room}".`, ''),
  )
  const described = await columns(client, 'described')
  const migrated = await columns(client, room)
  await client.end()

  expect(described.length).toBeGreaterThan(20)
  expect(migrated).toEqual(described)
})

test('a database that is up to date is left as it is', async () => {
  await using database = await createTestDatabase()

  expect(await migrate('users', database.url)).toEqual([])
})

async function columns(client: pg.Client, schema: string): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(
    `SELECT table_name || '.' || column_name || ' ' || udt_name || ' ' || is_nullable AS line
       FROM information_schema.columns WHERE table_schema = $1 AND table_name <> '_prisma_migrations' ORDER BY 1`,
    [schema],
  )
  return rows.map((row) => row.line)
}
