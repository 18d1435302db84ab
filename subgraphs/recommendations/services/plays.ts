import type { PrismaClient } from '../generated/prisma/client.ts'

/** What a person has played lately, as far as play `seq`. */
export interface History {
  /** The last one first, each once. */
  readonly trackIds: readonly string[]
  readonly seq: bigint
}

export interface Plays {
  /** The last tracks of a person up to play `seq`, or to now. */
  recentOf(userId: string, seq: bigint | null): Promise<History>
}

/** Twice of everything: people play the same again. */
const PLAYS = 200
const TRACKS = 50

export function createPlays(db: PrismaClient): Plays {
  return {
    async recentOf(userId, seq) {
      const rows = await db.$queryRaw<{ id: string; seq: bigint }[]>`
        WITH horizon AS (SELECT coalesce(${seq}::bigint, max(seq), 0) AS seq FROM play WHERE user_id = ${userId}),
             recent AS (
               SELECT track_id, at FROM play WHERE user_id = ${userId} AND is_counted
                AND seq <= (SELECT seq FROM horizon)
                ORDER BY at DESC LIMIT ${PLAYS})
        SELECT track_id AS id, (SELECT seq FROM horizon) AS seq
          FROM recent GROUP BY track_id ORDER BY max(at) DESC, track_id LIMIT ${TRACKS}`
      return { trackIds: rows.map((row) => row.id), seq: rows[0]?.seq ?? 0n }
    },
  }
}
