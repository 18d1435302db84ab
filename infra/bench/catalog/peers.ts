import MiniSearch from 'minisearch'
import type pg from 'pg'

/** A row of the index, as every contestant has it. */
export interface IndexedRow {
  id: string
  kind: string
  title: string
  titleKey: string
  artist: string
  album: string
  popularity: number
}

/** Whoever finds things by what was typed. */
export interface Contestant {
  name: string
  /** Ids of one kind, the best first. */
  find(kind: string, typed: string): Promise<string[]>
  close?(): Promise<void>
}

const SHOWN = 10

/** What everybody writes first: the words as they stand, anywhere in the title. */
export function createIlike(db: pg.Pool): Contestant {
  return {
    name: 'ILIKE',
    async find(kind, typed) {
      const pattern = `%${typed.replace(/[\\%_]/g, '\\$&')}%`
      const { rows } = await db.query<{ id: string }>(
        'SELECT id FROM search_document WHERE kind = $1 AND title ILIKE $2 ORDER BY popularity DESC LIMIT $3',
        [kind, pattern, SHOWN],
      )
      return rows.map(({ id }) => id)
    },
  }
}

/** PostgreSQL's letter triples over the same folded titles, with the index they are made for. */
export async function createTrigrams(db: pg.Pool): Promise<Contestant> {
  await db.query('CREATE INDEX bench_trigrams ON search_document USING gin (title_key public.gin_trgm_ops)')
  return {
    name: 'pg_trgm',
    async find(kind, typed) {
      const { rows } = await db.query<{ id: string }>(
        `SELECT id FROM search_document, (SELECT search_key($2) AS key) AS typed
          WHERE kind = $1 AND title_key OPERATOR(public.%) key
          ORDER BY similarity(title_key, key) DESC, popularity DESC LIMIT $3`,
        [kind, typed, SHOWN],
      )
      return rows.map(({ id }) => id)
    },
    async close() {
      await db.query('DROP INDEX bench_trigrams')
    },
  }
}

/** The best known search engine for JavaScript, in memory, as its documentation advises. */
export async function createMiniSearch(rows: readonly IndexedRow[]): Promise<Contestant> {
  const fold = (term: string): string => term.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const index = new MiniSearch<IndexedRow>({
    fields: ['title', 'artist', 'album'],
    storeFields: ['kind', 'popularity'],
    processTerm: fold,
  })
  await index.addAllAsync(rows)
  return {
    name: 'MiniSearch',
    async find(kind, typed) {
      const found = index.search(typed, {
        boost: { title: 3, artist: 2, album: 1 },
        prefix: true,
        fuzzy: 0.2,
        filter: (row) => row['kind'] === kind,
        boostDocument: (_id, _term, stored) => 1 + Number(stored?.['popularity']) / 100,
      })
      return found.slice(0, SHOWN).map(({ id }) => String(id))
    },
  }
}
