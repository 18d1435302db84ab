import type { SqlExecutor } from '#shared/database.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { newPlayer, type Player } from './player.ts'
import { EMPTY_QUEUE, type Queue } from './queue.ts'

/** A `Player`, as the table `player` has it. */
export const PLAYER_COLUMNS = `
  player.id, revision, playing, player.position_ms AS "positionMs", (extract(epoch FROM player.at) * 1000)::float8 AS at, rate, repeat,
  shuffle_seed AS "shuffleSeed", player.context_id AS "contextId", item_id AS "itemId", player.playable_id AS "playableId",
  next_item_id AS "nextItemId",
  (SELECT duration_ms FROM playable WHERE playable.id = player.playable_id) AS "durationMs"`

/** The player, locked for the rest of the transaction; made when there is none yet. */
export async function lockPlayer(tx: SqlExecutor, id: string, now: number): Promise<Player> {
  const known = await selectLocked(tx, id)
  if (known !== null) return known
  const { at, ...fresh } = newPlayer(id, now)
  await tx.$executeRaw`
    INSERT INTO player (id, revision, playing, position_ms, at, rate, repeat, next_item_id)
    VALUES (${id}, ${fresh.revision}, ${fresh.playing}, ${fresh.positionMs}, ${new Date(at)}, ${fresh.rate}::float8,
            ${fresh.repeat}, ${fresh.nextItemId}) ON CONFLICT DO NOTHING`
  return (await selectLocked(tx, id)) as Player
}

async function selectLocked(tx: SqlExecutor, id: string): Promise<Player | null> {
  const [row] = await tx.$queryRaw<Player[]>`
    SELECT ${Prisma.raw(PLAYER_COLUMNS)} FROM player WHERE id = ${id} FOR UPDATE`
  return row ?? null
}

export async function writePlayer(tx: SqlExecutor, player: Player): Promise<void> {
  await tx.$executeRaw`
    UPDATE player SET revision = ${player.revision}, playing = ${player.playing}, position_ms = ${player.positionMs},
           at = ${new Date(player.at)}, rate = ${player.rate}::float8, repeat = ${player.repeat},
           shuffle_seed = ${player.shuffleSeed}, context_id = ${player.contextId}, item_id = ${player.itemId},
           playable_id = ${player.playableId}, next_item_id = ${player.nextItemId}
     WHERE id = ${player.id}`
}

export async function readQueue(db: SqlExecutor, playerId: string): Promise<Queue> {
  const [row] = await db.$queryRaw<{ itemIds: number[]; playableIds: string[]; turns: number[] }[]>`
    SELECT item_ids AS "itemIds", playable_ids AS "playableIds", turns FROM player_queue WHERE player_id = ${playerId}`
  if (row === undefined) return EMPTY_QUEUE
  const items = row.itemIds.map((id, index) => ({ id, playableId: row.playableIds[index] as string }))
  return { items, turns: row.turns }
}

export async function writeQueue(tx: SqlExecutor, playerId: string, { items, turns }: Queue): Promise<void> {
  const itemIds = items.map(({ id }) => id)
  const playableIds = items.map((item) => item.playableId)
  await tx.$executeRaw`
    INSERT INTO player_queue (player_id, item_ids, playable_ids, turns)
    VALUES (${playerId}, ${itemIds}::int[], ${playableIds}::text[], ${turns}::int[])
    ON CONFLICT (player_id) DO UPDATE
      SET (item_ids, playable_ids, turns) = (excluded.item_ids, excluded.playable_ids, excluded.turns)`
}
