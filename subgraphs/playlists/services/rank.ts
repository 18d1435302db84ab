import { generateNKeysBetween } from 'fractional-indexing'
import type { Prisma } from '../generated/prisma/client.ts'

/** Two neighbouring ranks of a list, tombstones counted; null at either end. */
export interface Gap {
  lower: string | null
  upper: string | null
}

interface Ranked {
  id: string
  rank: string
}

const MAX_LENGTH = 32
const GOOD_LENGTH = 16
/** How many rows on either side are given new ranks: a few if that is enough, at last the whole list. */
const REACHES = [64, 512, 1_000_000] as const

/**
 * `count` ranks in order inside `gap`. When the gap has become so narrow that ranks grow long, the rows around it are first
 * given new ones in the same transaction, which changes no order that anybody sees.
 */
export async function ranksBetween(
  tx: Prisma.TransactionClient,
  playlistId: string,
  gap: Gap,
  count: number,
): Promise<string[]> {
  const ranks = generateNKeysBetween(gap.lower, gap.upper, count)
  if (longest(ranks) <= MAX_LENGTH) return ranks
  return widen(tx, playlistId, gap, count)
}

async function widen(
  tx: Prisma.TransactionClient,
  playlistId: string,
  gap: Gap,
  count: number,
): Promise<string[]> {
  for (const reach of REACHES) {
    const below = await tx.$queryRaw<Ranked[]>`
      SELECT id, rank FROM playlist_item WHERE playlist_id = ${playlistId} AND rank <= ${gap.lower}::text
       ORDER BY rank DESC LIMIT ${reach + 1}`
    const above = await tx.$queryRaw<Ranked[]>`
      SELECT id, rank FROM playlist_item WHERE playlist_id = ${playlistId} AND rank >= ${gap.upper}::text
       ORDER BY rank LIMIT ${reach + 1}`
    const from = below.length > reach ? below.pop() : undefined
    const to = above.length > reach ? above.pop() : undefined
    const rows = [...below.reverse(), ...above]
    const ranks = generateNKeysBetween(from?.rank ?? null, to?.rank ?? null, rows.length + count)
    const isWholeList = from === undefined && to === undefined
    if (longest(ranks) > GOOD_LENGTH && !isWholeList) continue
    const free = ranks.splice(below.length, count)
    await giveRanks(tx, playlistId, rows, ranks)
    return free
  }
  throw new Error(`Playlist ${playlistId} is too long to be given new ranks`)
}

async function giveRanks(
  tx: Prisma.TransactionClient,
  playlistId: string,
  rows: readonly Ranked[],
  ranks: readonly string[],
): Promise<void> {
  await tx.$executeRaw`
    WITH epoch AS (UPDATE playlist SET rank_epoch = rank_epoch + 1 WHERE id = ${playlistId})
    UPDATE playlist_item item SET rank = given.rank
      FROM unnest(${rows.map((row) => row.id)}::text[], ${ranks}::text[]) AS given(id, rank) WHERE item.id = given.id`
}

function longest(ranks: readonly string[]): number {
  return ranks.reduce((length, rank) => Math.max(length, rank.length), 0)
}
