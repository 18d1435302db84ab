import { randomInt } from 'node:crypto'
import type { SqlExecutor } from '#shared/database.ts'
import { Refusal } from '#shared/errors.ts'
import { nodeTypeOf } from '#shared/id.ts'
import type { SignedIn } from '#shared/identity.ts'
import { readContents } from './contents.ts'
import { ownsDevice } from './devices.ts'
import { playerIdOf } from './listening-members.ts'
import { readListener } from './playability.ts'
import { type LoadedPlayer, settled } from './player.ts'
import { type Command, type ControlInput, toItemId } from './player-command.ts'
import { lockPlayer, readQueue, writePlayer, writeQueue } from './player-store.ts'
import * as verbs from './player-verbs.ts'
import { EMPTY_QUEUE } from './queue.ts'
import { startStream } from './stream-lease.ts'

const MAX_SEED = 2 ** 31
/** What needs nothing of the queue: it may be long. */
const APART: ReadonlySet<Command['verb']> = new Set(['resume', 'pause', 'seek', 'rate', 'repeat', 'transfer'])

/** Locks, does it all, and writes what has become another. Returns the player's id. */
export async function controlPlayer(
  tx: SqlExecutor,
  user: SignedIn,
  commands: readonly Command[],
  { deviceId, expectedItemId }: ControlInput,
  now: number,
): Promise<string> {
  const before = settled(await lockPlayer(tx, await playerIdOf(tx, user.userId), now), now)
  if (expectedItemId != null && before.itemId !== toItemId(expectedItemId))
    throw new Refusal('CONFLICT', 'Something else is chosen by now', ['expectedItemId'])
  const isApart = commands.every(({ verb }) => APART.has(verb))
  const queue = isApart ? EMPTY_QUEUE : await readQueue(tx, before.id)
  let after: LoadedPlayer = { player: before, queue }
  for (const command of commands) after = await apply(tx, user, after, command)
  const isMoved = await moveStream(tx, user, commands, deviceId ?? null, now)
  if (!isMoved && !verbs.isChanged(before, after.player, now) && after.queue === queue) return before.id
  await writePlayer(tx, { ...after.player, revision: before.revision + 1 })
  if (after.queue !== queue) await writeQueue(tx, before.id, after.queue)
  return before.id
}

async function apply(
  tx: SqlExecutor,
  user: SignedIn,
  loaded: LoadedPlayer,
  command: Command,
): Promise<LoadedPlayer> {
  const { player, queue } = loaded
  switch (command.verb) {
    case 'resume':
      return { player: verbs.resume(player), queue }
    case 'pause':
      return { player: verbs.pause(player), queue }
    case 'seek':
      return { player: verbs.seek(player, command.positionMs), queue }
    case 'rate':
      return { player: verbs.setRate(player, command.rate), queue }
    case 'repeat':
      return { player: verbs.setRepeat(player, command.repeat), queue }
    case 'shuffle':
      return verbs.setShuffle(loaded, command.isOn, randomInt(MAX_SEED))
    case 'play': {
      const ids = await readPlayables(tx, user, command.ids, ['play', 'ids'])
      return verbs.playAll(loaded, ids, command.contextId, randomInt(MAX_SEED))
    }
    case 'playItem':
      return verbs.playItem(loaded, command.itemId)
    case 'next':
      return verbs.next(loaded)
    case 'previous':
      return verbs.previous(loaded)
    case 'enqueue':
      return verbs.enqueue(
        loaded,
        await readPlayables(tx, user, command.ids, ['enqueue', 'ids']),
        command.isNext,
      )
    case 'dequeue':
      return verbs.dequeue(loaded, command.itemIds)
    case 'clear':
      return verbs.clear(loaded)
    case 'transfer':
      return loaded
  }
}

/** All of it or nothing: what is not there, for this user, is NOT_FOUND. */
async function readPlayables(
  tx: SqlExecutor,
  user: SignedIn,
  ids: readonly string[],
  field: string[],
): Promise<string[]> {
  const { country } = await readListener(tx, user)
  const ours = ids.filter((id) => nodeTypeOf(id) !== null)
  const contents = await readContents(tx, { userId: user.userId, country }, ours)
  const there = new Set(contents.map(({ sourceId }) => sourceId))
  const missing = ids.findIndex((id) => !there.has(id))
  if (missing >= 0)
    throw new Refusal('NOT_FOUND', 'There is nothing to play under this id', [...field, String(missing)])
  return contents.map(({ playableId }) => playableId)
}

const STARTS: ReadonlySet<Command['verb']> = new Set(['resume', 'play', 'playItem'])

/**
 * Gives the stream to the device that is to play: the one named, or, where nobody has it, the one that asks. Whoever had it
 * knows by that that it plays no more. Says whether anything moved.
 */
async function moveStream(
  tx: SqlExecutor,
  user: SignedIn,
  commands: readonly Command[],
  named: string | null,
  now: number,
): Promise<boolean> {
  const transfer = commands.find((command) => command.verb === 'transfer')
  const isStart = commands.some(({ verb }) => STARTS.has(verb))
  const target = transfer?.deviceId ?? named
  if (target !== null && !(await ownsDevice(tx, user, target)))
    throw new Refusal(
      'NOT_FOUND',
      'There is no such device of yours',
      transfer ? ['transfer', 'deviceId'] : ['deviceId'],
    )
  if (transfer === undefined && !isStart) return false
  const { userId } = user
  const [lease] = await tx.$queryRaw<{ deviceId: string }[]>`
    SELECT device_id AS "deviceId" FROM stream_lease WHERE user_id = ${userId}`
  const deviceId = target ?? lease?.deviceId ?? user.deviceId
  if (deviceId === null || deviceId === lease?.deviceId) return false
  await startStream(tx, { userId, deviceId, playbackId: null, at: new Date(now) })
  return true
}
