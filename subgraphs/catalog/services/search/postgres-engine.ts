import type { PrismaClient } from '../../generated/prisma/client.ts'
import type { SearchKind } from '../../models.ts'
import { toQuery } from './alike-query.ts'
import { createCloseness, NOT_ALIKE } from './closeness.ts'
import { type AlikeCandidate, type Candidate, type SearchEngine, type Suggestion, TIERS } from './engine.ts'
import { choosePhrases, chooseSpellings, type NearWord, type Spelling, trustKnown } from './spellings.ts'

/** Words of a text that are spelt otherwise; those after them are left as they are. */
const MOST_WORDS = 12
/** As close as this is what was meant: nothing further off is looked for. */
const CLOSE = 0.7
/** With fewer words than this, one less would leave half of what was typed, which is not alike. */
const SPARABLE = 3

/** Search in the room's own tables: rows, indexes and functions are those of the migrations `search…`. */
export function createPostgresEngine(db: PrismaClient): SearchEngine {
  return {
    find: (typed, { tracks, others }): Promise<Candidate[]> => db.$queryRaw`
      SELECT kind, id, tier, popularity, title_key AS "titleKey", credit
        FROM search_candidates(${typed}, ${tracks}::int, ${others}::int)`,

    async findAlike(typed, most) {
      const { words, near } = await findNearWords(db, typed)
      const spellings = chooseSpellings(near)
      if (spellings.length === 0) return []
      const titles = choosePhrases(spellings, words.length).map(({ text }) => text)
      const ask = async (titles: readonly string[], asked: readonly Spelling[], spared: 0 | 1) =>
        rate(await findRows(db, titles, toQuery(asked, spared), most), words, spellings)

      // Words the catalogue has are taken to be right, then not, then one of them is spared: each costs more than the one before.
      const found = await ask(titles, trustKnown(spellings), 0)
      const isClose = (): boolean => found.some(({ closeness }) => closeness >= CLOSE)
      if (!isClose()) found.push(...(await ask([], spellings, 0)))
      if (!isClose() && words.length >= SPARABLE) found.push(...(await ask([], trustKnown(spellings), 1)))
      return [...new Map(found.map((candidate) => [candidate.id, candidate])).values()]
    },

    suggest: (prefix, most): Promise<Suggestion[]> => db.$queryRaw`
      SELECT kind, id, title AS text, title_key AS "titleKey", popularity FROM search_suggestions(${prefix}, ${most}::int)`,
  }
}

interface AlikeRow {
  kind: SearchKind
  id: string
  popularity: number
  title: string
  titleKey: string
  credit: number
  /** Parted by blanks. */
  words: string
}

function rate(
  rows: readonly AlikeRow[],
  typedWords: readonly string[],
  spellings: readonly Spelling[],
): AlikeCandidate[] {
  const closenessOf = createCloseness(typedWords, spellings)
  return rows
    .map(({ title, words, ...row }) => {
      const { titleKey } = row
      return { ...row, tier: TIERS.alike, ...closenessOf({ title, titleKey, words: words.split(' ') }) }
    })
    .filter(({ closeness }) => closeness > NOT_ALIKE)
}

async function findRows(
  db: PrismaClient,
  titles: readonly string[],
  query: string | null,
  most: number,
): Promise<AlikeRow[]> {
  if (query === null) return []
  return db.$queryRaw`
    SELECT kind, id, popularity, title, title_key AS "titleKey", credit, words
      FROM search_alike(${titles}::text[], ${query}, ${most}::int)`
}

/** The words that were typed, and those of the catalogue that may have been meant by them. */
async function findNearWords(
  db: PrismaClient,
  typed: string,
): Promise<{ words: string[]; near: NearWord[] }> {
  const rows = await db.$queryRaw<{ key: string; near: NearWord[] }[]>`
    SELECT search_key(${typed}) AS key,
           (SELECT coalesce(jsonb_agg(near), '[]')
              FROM (SELECT place, span, typed, words, popularity, is_longer AS "isLonger"
                      FROM search_near(${typed}, ${MOST_WORDS}::int)) AS near) AS near`
  const [{ key, near } = { key: '', near: [] }] = rows
  return { words: key.split(' ').slice(0, MOST_WORDS), near }
}
