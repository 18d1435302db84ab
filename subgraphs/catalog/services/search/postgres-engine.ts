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
/** With fewer than this found, one word may be missing as well. */
const FEW = 3

/** Search in the room's own tables: rows, indexes and functions are those of the migration `search`. */
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
      if (!found.some(({ closeness }) => closeness >= CLOSE)) found.push(...(await ask([], spellings, 0)))
      if (found.length < FEW && words.length > 1) found.push(...(await ask([], trustKnown(spellings), 1)))
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

/**
 * The words that were typed, and of each the words of the catalogue that may have been meant: those a few letters away, two that were
 * run together, with or without a letter between them, one that was torn apart, and those the last one begins. LIMIT 1: each is looked
 * up, where a join would read all words.
 */
async function findNearWords(
  db: PrismaClient,
  typed: string,
): Promise<{ words: string[]; near: NearWord[] }> {
  const rows = await db.$queryRaw<{ key: string; near: NearWord[] }[]>`
    WITH folded AS (
      SELECT search_key(${typed}) AS key
    ), asked AS (
      SELECT word, place::int FROM folded, string_to_table(key, ' ') WITH ORDINALITY AS split (word, place)
       WHERE place <= ${MOST_WORDS}
    ), run AS (
      SELECT place, 1 AS span, word AS typed, word AS letters FROM asked
       UNION ALL
      SELECT asked.place, 2, asked.word || ' ' || next.word, asked.word || next.word
        FROM asked JOIN asked AS next ON next.place = asked.place + 1
    ), near AS (
      SELECT place, 1 AS span, asked.word AS typed, ARRAY[likely.word] AS words, likely.popularity, false AS "isLonger"
        FROM asked CROSS JOIN LATERAL (
          SELECT word, popularity FROM search_word
           WHERE deletes && search_deletes(asked.word) AND levenshtein_less_equal(asked.word, word, 3) <= 3
           ORDER BY levenshtein_less_equal(asked.word, word, 3), popularity DESC LIMIT 40
        ) AS likely
       UNION ALL
      SELECT place, span, typed, ARRAY[known.word], known.popularity, false
        FROM run CROSS JOIN LATERAL (SELECT * FROM search_word WHERE word = letters LIMIT 1) AS known
       WHERE span = 2
       UNION ALL
      (SELECT place, span, typed, ARRAY[head.word, tail.word], least(head.popularity, tail.popularity), false
         FROM run CROSS JOIN generate_series(1, least(length(letters), 40) - 1) AS cut
        CROSS JOIN LATERAL (SELECT * FROM search_word WHERE word = left(letters, cut) LIMIT 1) AS head
        CROSS JOIN generate_series(1, 2) AS rest
        CROSS JOIN LATERAL (SELECT * FROM search_word WHERE word = substr(letters, cut + rest) LIMIT 1) AS tail
        WHERE head.word || ' ' || tail.word <> typed
        ORDER BY 5 DESC LIMIT 20)
       UNION ALL
      (SELECT place, 1, asked.word, ARRAY[longer.word], longer.popularity, true
         FROM (SELECT * FROM asked ORDER BY place DESC LIMIT 1) AS asked
         JOIN search_word AS longer ON longer.word > asked.word AND longer.word < asked.word || chr(1114111)
        WHERE length(asked.word) > 1
        ORDER BY longer.popularity DESC LIMIT 10)
    )
    SELECT key, coalesce((SELECT jsonb_agg(near) FROM near), '[]') AS near FROM folded`
  const [{ key, near } = { key: '', near: [] }] = rows
  return { words: key.split(' ').slice(0, MOST_WORDS), near }
}
