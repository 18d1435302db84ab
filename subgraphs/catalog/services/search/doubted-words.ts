import type { SqlExecutor } from '#shared/database.ts'

/**
 * Keeps others from writing documents until the transaction ends: who has written one with a word that is known already has not touched the
 * word, and nobody else sees the document yet. Before anything else is locked.
 */
export async function lockDocuments(tx: SqlExecutor): Promise<void> {
  await tx.$executeRaw`LOCK TABLE search_document IN SHARE ROW EXCLUSIVE MODE`
}

/** Forgets the words in doubt that no document has, with the documents locked; returns how many words were in doubt. */
export async function forgetWords(tx: SqlExecutor): Promise<number> {
  await tx.$executeRaw`
    DELETE FROM search_word USING doubted_word doubted
     WHERE search_word.word = doubted.word
       AND NOT EXISTS (
         SELECT FROM search_document
          WHERE words @@ (SELECT string_agg(format('%L', kind || band || '~' || doubted.word), '|')::tsquery
                            FROM unnest('{T,A,L,P,S,E}'::text[]) AS kind, unnest('{0,1,2,3}'::text[]) AS band))`
  return tx.$executeRaw`DELETE FROM doubted_word`
}
