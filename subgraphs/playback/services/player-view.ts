import type { SqlExecutor } from '#shared/database.ts'
import { newPlayer, type Player } from './player.ts'

/** Everything that a user's devices are shown of what plays. */
export interface PlayerSight {
  userId: string
  player: Player
  /** The device that has the user's stream. */
  deviceId: string | null
  /** Of the devices that lost it: which one took it. */
  revocations: Readonly<Record<string, string>>
}

/** `PlayerState` of the schema is resolved from this: a sight, as one of the devices has it. */
export interface PlayerView extends PlayerSight {
  viewerDeviceId: string | null
}

/** What these users' devices are shown now, of one instant: one for each, in any order. */
export async function readSights(
  db: SqlExecutor,
  userIds: readonly string[],
  now: number,
): Promise<PlayerSight[]> {
  const rows = await db.$queryRaw<(Omit<PlayerSight, 'player'> & { player: Player | null })[]>`
    SELECT asked.id AS "userId", lease.device_id AS "deviceId",
           (SELECT coalesce(jsonb_object_agg(device_id, revoked_by), '{}')
              FROM stream_revocation revoked
             WHERE revoked.user_id = asked.id AND revoked.device_id IS DISTINCT FROM lease.device_id) AS revocations,
           (SELECT jsonb_build_object(
                     'id', id, 'revision', revision, 'playing', playing, 'positionMs', position_ms,
                     'at', round(extract(epoch FROM at) * 1000), 'rate', rate, 'repeat', repeat, 'shuffleSeed', shuffle_seed,
                     'contextId', context_id, 'itemId', item_id, 'playableId', playable_id, 'nextItemId', next_item_id,
                     'durationMs', (SELECT duration_ms FROM playable WHERE playable.id = player.playable_id))
              FROM player WHERE player.id = coalesce(member.session_id, asked.id)) AS player
      FROM unnest(${userIds}::text[]) AS asked(id)
      LEFT JOIN listening_member member ON member.user_id = asked.id
      LEFT JOIN stream_lease lease ON lease.user_id = asked.id`
  return rows.map(({ player, ...sight }) => ({ ...sight, player: player ?? newPlayer(sight.userId, now) }))
}
