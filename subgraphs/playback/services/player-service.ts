import { payload, type UserError } from '#shared/errors.ts'
import { type Identity, requireUser } from '#shared/identity.ts'
import { mapStream } from '#shared/streams.ts'
import type { Logger } from '#shared/telemetry.ts'
import type { HintTopic } from '#shared/topics/hint-topic.ts'
import { TRANSACTION } from '../config.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { ReportedEvent } from './event-check.ts'
import { listenersTo } from './listening-members.ts'
import { type ControlInput, readCommands } from './player-command.ts'
import { controlPlayer } from './player-control.ts'
import { correctPlayer } from './player-correction.ts'
import { type PlayerSight, type PlayerView, readSights } from './player-view.ts'
import { createTurns } from './turns.ts'
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
  /** What a device has reported, and is accepted: the player is where the sound is. Never rejects. */
  corrected(identity: Identity, events: readonly ReportedEvent[]): Promise<void>
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

export function createPlayerService({ db, topic, logger, now }: PlayerTools): PlayerService {
  const turns = createTurns()
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

  async function tell(playerId: string, userId: string): Promise<void> {
    changed(userId)
    if (playerId === userId) return
    for (const id of await listenersTo(db, playerId)) changed(id)
    changed(playerId)
  }

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
        const playerId = await turns.take(user.userId, () =>
          db.$transaction((tx) => controlPlayer(tx, user, commands, input, now()), TRANSACTION),
        )
        await tell(playerId, user.userId)
        return { player: await find(identity, user.userId) }
      })
    },
    async corrected({ userId }, events) {
      const last = events.reduce<ReportedEvent | null>(
        (latest, event) =>
          latest === null || Date.parse(event.at) >= Date.parse(latest.at) ? event : latest,
        null,
      )
      if (userId === null || last === null) return
      const heard = { ...last, at: Date.parse(last.at), receivedAt: now() }
      try {
        if (await turns.take(userId, () => correctPlayer(db, userId, heard))) changed(userId)
      } catch (error) {
        logger.warn(
          { err: error },
          'a player was not taken to where its device is, the next report tries again',
        )
      }
    },
    follow(identity) {
      const { userId } = requireUser(identity)
      return mapStream(watch.open(userId), (sight) => viewFor(identity, sight))
    },
    watchers: watch.size,
    close: watch.close,
  }
}
