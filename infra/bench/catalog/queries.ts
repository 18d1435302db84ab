import type pg from 'pg'
import type { Random } from '../../../subgraphs/catalog/audio/music/random.ts'
import { mistype } from './mistakes.ts'

export const QUERY_KINDS = ['one letter', 'common word', 'misspelt', 'two fields', 'nonsense'] as const

export interface MixedQuery {
  kind: (typeof QUERY_KINDS)[number]
  text: string
}

/** Songs to make queries of. */
interface Sample {
  title: string
  artist: string
}

const COMMON = 300

/** As many queries of each kind, in random order. */
export async function mixQueries(db: pg.Pool, count: number, random: Random): Promise<MixedQuery[]> {
  const { rows } = await db.query<Sample>(
    `SELECT title, artist FROM search_document WHERE kind = 'TRACK' AND title_key ~ '^[[:alnum:]]'
      ORDER BY md5(id || $1) LIMIT 5000`,
    [String(random.next())],
  )
  const pick = (): Sample => rows[Math.floor(random.next() * rows.length)] as Sample
  const common = commonWords(rows)
  const make: Record<MixedQuery['kind'], () => string> = {
    'one letter': () => [...pick().title][0]?.toLowerCase() ?? 'a',
    'common word': () => common[Math.floor(random.next() * common.length)] ?? 'love',
    misspelt: () => mistype(pick().title, 1, random),
    'two fields': () => {
      const { title, artist } = pick()
      return `${artist} ${title.split(' ').slice(0, 2).join(' ')}`
    },
    nonsense: () =>
      Array.from({ length: 4 + random.next() * 8 }, () =>
        'bcdfghjkmpqvwxz'.charAt(Math.floor(random.next() * 15)),
      ).join(''),
  }
  return Array.from({ length: count }, (_, index): MixedQuery => {
    const kind = QUERY_KINDS[index % QUERY_KINDS.length] as MixedQuery['kind']
    return { kind, text: make[kind]() }
  })
    .map((query) => ({ query, place: random.next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ query }) => query)
}

/** Beginnings of titles and names, of one to six letters, as people type them. */
export async function samplePrefixes(db: pg.Pool, count: number, random: Random): Promise<string[]> {
  const { rows } = await db.query<{ title: string }>(
    'SELECT title FROM search_document ORDER BY md5(id || $1) LIMIT $2',
    [String(random.next()), count],
  )
  return rows.map(
    ({ title }) =>
      [...title]
        .slice(0, 1 + Math.floor(random.next() * 6))
        .join('')
        .trim() || 'a',
  )
}

/** The most frequent words of the sample. */
function commonWords(samples: readonly Sample[]): string[] {
  const counts = new Map<string, number>()
  for (const { title } of samples)
    for (const word of title.toLowerCase().split(/[^\p{L}\p{N}]+/u))
      if (word.length > 1) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, COMMON)
    .map(([word]) => word)
}
