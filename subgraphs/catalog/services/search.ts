import { encodeCursor } from '#shared/connection.ts'
import { Prisma, type PrismaClient } from '../generated/prisma/client.ts'
import type {
  HitRow,
  MatchedBy,
  SearchEdgeSource,
  SearchKind,
  SearchResultsSource,
  SuggestionRow,
} from '../models.ts'
import { readCount, readSearchText } from './search-text.ts'

/** Which kind is the top hit when two match alike and are equally popular: the first of these. */
const KINDS = ['ARTIST', 'TRACK', 'ALBUM', 'PLAYLIST', 'SHOW', 'EPISODE'] as const

/** How a document matched, best first; the number is the whole part of its score. */
const EXACT = 5
const WHOLE_WORDS_FIRST = 4
const PREFIX = 3

interface FoundRow {
  kind: SearchKind
  id: string
  tier: number
  score: number
  hasWords: boolean
}

export interface Search {
  search(text: string, first: number | null | undefined): Promise<SearchResultsSource>
  suggest(prefix: string, first: number | null | undefined): Promise<SuggestionRow[]>
}

export function createSearch(db: PrismaClient): Search {
  return {
    async search(text, first) {
      const typed = readSearchText(text)
      const found = await findDocuments(db, typed, readCount(first, 10, 50))
      const hits = Object.fromEntries(
        KINDS.map((kind) => [kind, toEdges(found.filter((row) => row.kind === kind))]),
      ) as Record<SearchKind, SearchEdgeSource[]>
      const best = KINDS.flatMap((kind) => hits[kind].slice(0, 1))
      const topHit = best.reduce<HitRow | null>(
        (top, hit) => (top === null || hit.score > top.score ? hit : top),
        null,
      )
      return { topHit, hits, didYouMean: topHit === null ? await findNearTitle(db, typed) : null }
    },

    async suggest(prefix, first) {
      return findTitles(db, readSearchText(prefix), readCount(first, 10, 20))
    },
  }
}

function toEdges(rows: readonly FoundRow[]): SearchEdgeSource[] {
  return rows.map(({ kind, id, tier, score, hasWords }, place) => {
    const matchedBy: MatchedBy[] = hasWords ? ['FULL_TEXT'] : []
    if (tier === EXACT) matchedBy.unshift('EXACT')
    else if (tier >= PREFIX) matchedBy.unshift('PREFIX')
    return { kind, id, score, matchedBy, cursor: encodeCursor(place + 1, id) }
  })
}

/**
 * The best `first` documents of every kind in one read. All words must be there, the last one may be a beginning. The whole
 * title is best, then a title that begins with the words, then words in the title, in the artist's name, in the album's;
 * the more popular first. A re-release (same title, same artist) comes after every song that begins with the words, so that
 * three of a kind do not hide what is not.
 */
function findDocuments(db: PrismaClient, typed: string, first: number): Promise<FoundRow[]> {
  const key = Prisma.sql`search_key(${typed})`
  const words = (weights: string): Prisma.Sql => Prisma.sql`search_query(${key}, ${weights})`
  return db.$queryRaw`
    WITH matching AS (
      SELECT kind, id, title_key, artist, popularity,
             CASE WHEN title_key = ${key} THEN ${EXACT}::int
                  WHEN starts_with(title_key, ${key} || ' ') THEN ${WHOLE_WORDS_FIRST}::int
                  WHEN starts_with(title_key, ${key}) THEN ${PREFIX}::int
                  WHEN words @@ ${words('A')} THEN 2
                  WHEN words @@ ${words('AB')} THEN 1
                  ELSE 0 END AS tier
        FROM search_document
       WHERE words @@ ${words('')}
          OR (${words('')} IS NULL AND ${beginsWith(key)})
    ), ranked AS (
      SELECT *, row_number() OVER (PARTITION BY kind ORDER BY tier DESC, popularity DESC, id COLLATE "C") AS place
        FROM matching
    ), told_apart AS (
      SELECT *, row_number() OVER (
                  PARTITION BY kind, title_key, artist
                  ORDER BY place) > 1 AS is_copy
        FROM ranked WHERE place <= ${first * 4 + 20}
    ), scored AS (
      SELECT kind, id, tier,
             CASE WHEN is_copy THEN least(tier, 2) + popularity / 10100.0 ELSE tier + popularity / 101.0 END AS score
        FROM told_apart
    ), numbered AS (
      SELECT *, row_number() OVER (PARTITION BY kind ORDER BY score DESC, id COLLATE "C") AS place FROM scored
    )
    SELECT kind, id, tier, score::float8, ${words('')} IS NOT NULL AS "hasWords"
      FROM numbered WHERE place <= ${first} ORDER BY place`
}

/** Titles and names that begin with what was typed, of every kind, the most popular first; each text once a kind. */
function findTitles(db: PrismaClient, typed: string, first: number): Promise<SuggestionRow[]> {
  const key = Prisma.sql`search_key(${typed})`
  return db.$queryRaw`
    WITH titles AS (
      SELECT DISTINCT ON (kind, title_key) kind, id, title, title_key, popularity
        FROM search_document WHERE ${beginsWith(key)}
       ORDER BY kind, title_key, popularity DESC, id COLLATE "C"
    )
    SELECT title AS text, kind, id FROM titles
     ORDER BY popularity DESC, array_position(${KINDS}::text[], kind), title_key, id COLLATE "C" LIMIT ${first}`
}

/** The title most like what was typed, when there is one like it at all. */
async function findNearTitle(db: PrismaClient, typed: string): Promise<string | null> {
  const key = Prisma.sql`search_key(${typed})`
  const rows = await db.$queryRaw<{ title: string }[]>`
    SELECT title FROM search_document WHERE title_key % ${key}
     ORDER BY similarity(title_key, ${key}) DESC, popularity DESC, id COLLATE "C" LIMIT 1`
  return rows[0]?.title ?? null
}

/** A range of the index on title_key: everything from the key to the key and the last character there is. */
function beginsWith(key: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`(title_key >= ${key} AND title_key < ${key} || chr(1114111))`
}
