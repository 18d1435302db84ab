import type { SqlExecutor } from '#shared/database.ts'
import { TRANSACTION } from '../config.ts'
import { Prisma, type PrismaClient } from '../generated/prisma/client.ts'
import type { EventKind } from './listening.ts'
import { type LoadedPlayer, type Player, positionAt, settled } from './player.ts'
import { lockPlayer, PLAYER_COLUMNS, readQueue, writePlayer } from './player-store.ts'
import { playItem } from './player-verbs.ts'
import { itemAt, neighbour } from './queue.ts'

/** The last thing a device reported of a playback. */
export interface HeardEvent {
  playbackId: string
  kind: EventKind
  positionMs: number
  /** Milliseconds of the device's own clock. */
  at: number
  /** Milliseconds of ours. */
  receivedAt: number
}

/** Less is what buffers and rounding do. */
const TOLERANCE_MS = 2_000
/** A report that comes so soon after a change may be from before it. */
const SETTLING_MS = 5_000
/** What is reported so much later than it was, by the device's clock, says nothing of where the player is. */
const LATE_MS = 60_000

const BEGINS: ReadonlySet<EventKind> = new Set(['START', 'RESUME', 'HEARTBEAT'])

/**
 * Where a player has to go for a report of what it plays; null where it is there. Neither the device's clock nor the way of the report is
 * to be trusted by seconds, so that a difference which either of them explains is none.
 */
export function correctionOf(
  player: Player,
  { kind, positionMs, at, receivedAt }: HeardEvent,
): Player | null {
  const onTheWay = Math.max(0, receivedAt - at)
  if (kind === 'SKIP' || onTheWay > LATE_MS || receivedAt - player.at < SETTLING_MS) return null
  if (!player.playing && kind !== 'SEEK') return null
  const expected = positionAt(player, receivedAt)
  const isPaused = kind === 'PAUSE'
  const latest = positionMs + (player.playing && !isPaused ? onTheWay * player.rate : 0)
  const isThere = expected >= positionMs - TOLERANCE_MS && expected <= latest + TOLERANCE_MS
  if (isThere && !isPaused) return null
  const within = Math.min(positionMs, player.durationMs ?? positionMs)
  return { ...settled(player, receivedAt), positionMs: within, playing: player.playing && !isPaused }
}

/** What a playback plays; its length is not known of what the catalogue has not told us of. */
export interface HeardItem {
  heardId: string
  heardMs: number | null
}

/** What plays next, where that is what is heard: players open the next item before the last has ended, so that only what is heard tells. */
export function movedOn(
  { player, queue }: LoadedPlayer,
  { heardId, heardMs }: HeardItem,
  heard: HeardEvent,
): Player | null {
  const { kind, positionMs, receivedAt } = heard
  if (player.itemId === null || !BEGINS.has(kind) || receivedAt - player.at < SETTLING_MS) return null
  const next = neighbour(queue, player.itemId, 1) ?? itemAt(queue, 0)
  if (next?.playableId !== heardId || receivedAt - heard.at > LATE_MS) return null
  const within = Math.min(positionMs, heardMs ?? positionMs)
  return { ...playItem({ player: settled(player, receivedAt), queue }, next.id).player, positionMs: within }
}

/** Takes the player of somebody who listens alone to where their device says it is. Says whether it was elsewhere. */
export async function correctPlayer(db: PrismaClient, userId: string, heard: HeardEvent): Promise<boolean> {
  if (heard.receivedAt - heard.at > LATE_MS) return false
  const seen = await findHeard(db, userId, heard.playbackId)
  if (seen === null) return false
  const isCurrent = seen.heardId === seen.player.playableId
  if (isCurrent && correctionOf(seen.player, heard) === null) return false
  return db.$transaction(async (tx) => {
    const player = await lockPlayer(tx, userId, heard.receivedAt)
    const after =
      seen.heardId === player.playableId
        ? correctionOf(player, heard)
        : movedOn({ player, queue: await readQueue(tx, userId) }, seen, heard)
    if (after === null) return false
    await writePlayer(tx, { ...after, revision: player.revision + 1 })
    return true
  }, TRANSACTION)
}

/**
 * What the playback plays and the player it is to be compared with; null unless it is one of the stream's, of the device that has it, and
 * its user listens alone: the clock of a session follows nobody's device.
 */
async function findHeard(
  db: SqlExecutor,
  userId: string,
  playbackId: string,
): Promise<({ player: Player } & HeardItem) | null> {
  const [row] = await db.$queryRaw<(Player & HeardItem)[]>`
    SELECT ${Prisma.raw(PLAYER_COLUMNS)}, heard.playable_id AS "heardId",
           (SELECT duration_ms FROM playable WHERE id = heard.playable_id) AS "heardMs"
      FROM playback_session heard
      JOIN stream_lease lease ON lease.user_id = heard.user_id AND lease.device_id = heard.device_id
                             AND heard.id = ANY (lease.playback_ids)
      JOIN player ON player.id = heard.user_id AND player.item_id IS NOT NULL
     WHERE heard.id = ${playbackId} AND heard.user_id = ${userId}
       AND NOT EXISTS (SELECT FROM listening_member member WHERE member.user_id = heard.user_id)`
  if (row === undefined) return null
  const { heardId, heardMs, ...player } = row
  return { player, heardId, heardMs }
}
