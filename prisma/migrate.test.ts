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

test('a home that has the search of before moves on, and everything in it is found as before', async () => {
  await using database = await createTestDatabase()
  const client = new pg.Client({ connectionString: database.url, options: '-c search_path=catalog,public' })
  await client.connect()
  await client.query('DROP SCHEMA catalog CASCADE')
  await migrate('catalog', database.url, '20261121000002_search')
  await client.query(`
    INSERT INTO search_document (id, kind, title, artist, album, popularity)
    VALUES ('track_1', 'TRACK', 'Déjà Vu', 'Beyoncé', 'Deluxe', 70), ('track_2', 'TRACK', 'Vu', 'Someone', '', 0),
           ('artist_1', 'ARTIST', 'Vumani', '', '', 30)`)

  const applied = await migrate('catalog', database.url)

  const { rows } = await client.query(
    `SELECT id, tier FROM search_candidates('vu', 100, 25) ORDER BY tier DESC`,
  )
  const { rows: words } = await client.query(
    `SELECT word FROM search_word WHERE deletes && search_deletes('beyonse')`,
  )
  await client.end()
  expect(applied[0]).toBe('20261121000003_search_ranks')
  expect(rows).toEqual([
    { id: 'track_2', tier: 6 },
    { id: 'artist_1', tier: 4 },
    { id: 'track_1', tier: 3 },
  ])
  expect(words).toEqual([{ word: 'beyonce' }])
})

/** Of every table; partitions have those of what they are a part of. */
async function columns(client: pg.Client, schema: string): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(
    `SELECT table_name || '.' || column_name || ' ' || udt_name || ' ' || is_nullable AS line
       FROM information_schema.columns
       JOIN pg_class ON relname = table_name AND relnamespace = table_schema::regnamespace AND NOT relispartition
      WHERE table_schema = $1 AND table_name <> '_prisma_migrations' ORDER BY 1`,
    [schema],
  )
  return rows.map((row) => row.line)
}
