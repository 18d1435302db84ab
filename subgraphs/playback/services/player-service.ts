import { randomInt } from 'node:crypto'
import type { SqlExecutor } from '#shared/database.ts'
import { payload, Refusal, type UserError } from '#shared/errors.ts'
import { nodeTypeOf } from '#shared/id.ts'
import { type Identity, requireUser, type SignedIn } from '#shared/identity.ts'
import { mapStream } from '#shared/streams.ts'
import type { Logger } from '#shared/telemetry.ts'
import type { HintTopic } from '#shared/topics/hint-topic.ts'
import { TRANSACTION } from '../config.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { readContents } from './contents.ts'
import { ownsDevice } from './devices.ts'
import { readListener } from './playability.ts'
import { type LoadedPlayer, settled } from './player.ts'
import { type Command, type ControlInput, readCommands, toItemId } from './player-command.ts'
import { lockPlayer, readQueue, writePlayer, writeQueue } from './player-store.ts'
import * as verbs from './player-verbs.ts'
import { type PlayerSight, type PlayerView, readSights } from './player-view.ts'
import { startStream } from './stream-lease.ts'
import { createWatch } from './watch.ts'

/** What plays, wherever a user's devices are. */
export interface PlayerService {
  /** What one's devices are shown; null for everybody else's. */
  find(identity: Identity, userId: string): Promise<PlayerView | null>
  control(
    identity: Identity,
    input: ControlInput,
  ): Promise<{ player: PlayerView | null; userErrors: UserError[] }>
  /** What is, and what is again whenever it changes. */
  follow(identity: Identity): AsyncIterableIterator<PlayerView>
  /** Something of this user's player has changed, and is committed. */
  changed(userId: string): void
  watchers(): number
  close(): void
}

export interface PlayerTools {
  db: PrismaClient
  topic: HintTopic
  logger: Logger
  now(): number
}

const MAX_SEED = 2 ** 31

export function createPlayerService({ db, topic, logger, now }: PlayerTools): PlayerService {
  const watch = createWatch<PlayerSight>({
    topic,
    logger,
    async read(userIds) {
      const sights = await readSights(db, userIds, now())
      return new Map(sights.map((sight) => [sight.userId, sight]))
    },
  })
  const viewFor = (identity: Identity, sight: PlayerSight): PlayerView => ({
    ...sight,
    viewerDeviceId: identity.deviceId,
  })
  const changed = (userId: string): void => topic.say(userId, '')

  async function find(identity: Identity, userId: string): Promise<PlayerView | null> {
    if (identity.userId !== userId) return null
    const [sight] = await readSights(db, [userId], now())
    return sight === undefined ? null : viewFor(identity, sight)
  }

  return {
    find,
    changed,
    async control(identity, input) {
      const user = requireUser(identity)
      return payload({ player: null }, async () => {
        const commands = readCommands(input)
        await db.$transaction((tx) => run(tx, user, commands, input, now()), TRANSACTION)
        changed(user.userId)
        return { player: await find(identity, user.userId) }
      })
    },
    follow(identity) {
      const { userId } = requireUser(identity)
      return mapStream(watch.open(userId), (sight) => viewFor(identity, sight))
    },
    watchers: watch.size,
    close: watch.close,
  }
}

/** Locks, does it all, and writes what has become another. */
async function run(
  tx: SqlExecutor,
  user: SignedIn,
  commands: readonly Command[],
  { deviceId, expectedItemId }: ControlInput,
  now: number,
): Promise<void> {
  const before = settled(await lockPlayer(tx, user.userId, now), now)
  if (expectedItemId != null && before.itemId !== toItemId(expectedItemId))
    throw new Refusal('CONFLICT', 'Something else is chosen by now', ['expectedItemId'])
  const queue = await readQueue(tx, before.id)
  let after: LoadedPlayer = { player: before, queue }
  for (const command of commands) after = await apply(tx, user, after, command)
  const isMoved = await moveStream(tx, user, commands, deviceId ?? null, now)
  if (!isMoved && !verbs.isChanged(before, after.player, now) && after.queue === queue) return
  await writePlayer(tx, { ...after.player, revision: before.revision + 1 })
  if (after.queue !== queue) await writeQueue(tx, before.id, after.queue)
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
