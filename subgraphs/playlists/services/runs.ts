import type { Prisma } from '../generated/prisma/client.ts'

/** An item and the rank it is about to have, with the last visible item before that which itself stays where it is. */
export type Placed<Item> = Item & { neighbour: { id: string; rank: string } | null }

/** Items that will stand right behind one another, and what stands before the first (null = nothing). */
export interface Run<Item> {
  items: Placed<Item>[]
  after: string | null
}

/** `items` in the order of their ranks, each with its neighbour; `moving` are visible items that are about to leave. */
export async function withNeighbours<Item extends { rank: string }>(
  tx: Prisma.TransactionClient,
  playlistId: string,
  items: readonly Item[],
  moving: readonly string[],
): Promise<Placed<Item>[]> {
  const rows = await tx.$queryRaw<{ id: string | null; rank: string }[]>`
    SELECT neighbour.id, coalesce(neighbour.rank, '') AS rank
      FROM unnest(${items.map((item) => item.rank)}::text[]) WITH ORDINALITY AS asked(rank, place)
      LEFT JOIN LATERAL (
           SELECT id, rank FROM playlist_item
            WHERE playlist_id = ${playlistId} AND removed_at_revision IS NULL AND rank < asked.rank COLLATE "C"
              AND id <> ALL (${moving}::text[])
            ORDER BY rank DESC LIMIT 1) AS neighbour ON true
     ORDER BY asked.place`
  return items.map((item, index) => {
    const { id = null, rank = '' } = rows[index] ?? {}
    return { ...item, neighbour: id === null ? null : { id, rank } }
  })
}

/**
 * The fewest runs that bring the items to their places. Said one after the other each is right when it is applied: what a run
 * comes after never moves itself.
 */
export function runsOf<Item extends { rank: string }>(items: readonly Placed<Item>[]): Run<Item>[] {
  const runs: Run<Item>[] = []
  let previous: Placed<Item> | undefined
  for (const item of items) {
    const { neighbour } = item
    const run = runs.at(-1)
    if (run !== undefined && previous !== undefined && (neighbour?.rank ?? '') < previous.rank)
      run.items.push(item)
    else runs.push({ items: [item], after: neighbour?.id ?? null })
    previous = item
  }
  return runs
}
