import type { SqlExecutor } from '#shared/database.ts'
import { AppError, payload, Refusal, type UserError } from '#shared/errors.ts'
import { newId } from '#shared/id.ts'
import { type Identity, requireUser } from '#shared/identity.ts'
import { createPulledStream } from '#shared/pulled-stream.ts'
import { MAX_LISTENERS, TRANSACTION } from '../config.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { listenersTo } from './listening-members.ts'
import { settled } from './player.ts'
import type { PlayerTools } from './player-service.ts'
import { lockPlayer, readQueue, writePlayer, writeQueue } from './player-store.ts'
import { createWatch } from './watch.ts'

/** `ListeningSession` of the schema is resolved from this; its player is found for whoever asks. */
export interface ListeningSessionRow {
  id: string
  hostId: string
  /** Those who came first, first. */
  memberIds: string[]
  /** Another one whenever the shared player has changed. */
  playerRevision: number
}

type SessionPayload = { session: ListeningSessionRow | null; userErrors: UserError[] }

/** Listening together: a session has one player, which every member may control. Its id is the invitation. */
export interface ListeningSessions {
  create(identity: Identity): Promise<SessionPayload>
  join(identity: Identity, sessionId: string): Promise<SessionPayload>
  leave(identity: Identity): Promise<SessionPayload>
  /** The session somebody listens in themselves; null for everybody else's. */
  findOf(identity: Identity, userId: string): Promise<ListeningSessionRow | null>
  /** The session they listen in, and again whenever it or its player changes; ends when they leave. */
  follow(identity: Identity): Promise<AsyncIterableIterator<ListeningSessionRow>>
  watchers(): number
  close(): void
}

const SESSION_ID = /^listening_[0-9A-Za-z]{22}$/

export function createListeningSessions({ db, topic, logger, now }: PlayerTools): ListeningSessions {
  const watch = createWatch<ListeningSessionRow>({
    topic,
    logger,
    async read(ids) {
      return new Map((await readSessions(db, ids)).map((session) => [session.id, session]))
    },
  })

  function say(...keys: readonly string[]): void {
    for (const key of keys) topic.say(key, '')
  }

  async function find(sessionId: string): Promise<ListeningSessionRow | null> {
    return (await readSessions(db, [sessionId]))[0] ?? null
  }

  async function sessionOf(userId: string): Promise<string | null> {
    const member = await db.listeningMember.findUnique({ where: { userId }, select: { sessionId: true } })
    return member?.sessionId ?? null
  }

  /** Everybody who was in it, or came into it, looks again. */
  async function tell(
    userId: string,
    left: string | null,
    joined: string | null,
  ): Promise<SessionPayload['session']> {
    for (const id of [left, joined]) if (id !== null) say(id, ...(await listenersTo(db, id)))
    say(userId)
    return joined === null ? null : find(joined)
  }

  return {
    async create(identity) {
      const { userId } = requireUser(identity)
      return payload({ session: null }, async () => {
        const id = newId('listening')
        const left = await db.$transaction(async (tx) => {
          const left = await leaveSession(tx, userId)
          const joinedAt = new Date(now())
          await tx.listeningSession.create({ data: { id, hostId: userId, createdAt: joinedAt } })
          await tx.listeningMember.create({ data: { userId, sessionId: id, joinedAt } })
          // What the host hears goes on, for all.
          const own = settled(await lockPlayer(tx, userId, now()), now())
          await lockPlayer(tx, id, now())
          await writePlayer(tx, { ...own, id, revision: 1 })
          await writeQueue(tx, id, await readQueue(tx, userId))
          return left
        }, TRANSACTION)
        return { session: await tell(userId, left, id) }
      })
    },

    async join(identity, sessionId) {
      const { userId } = requireUser(identity)
      return payload({ session: null }, async () => {
        if (!SESSION_ID.test(sessionId)) throw sessionMissing()
        const left = await db.$transaction(async (tx) => {
          const isMember = await tx.listeningMember.count({ where: { userId, sessionId } })
          if (isMember > 0) return null
          const before = await tx.listeningMember.findUnique({ where: { userId } })
          // Both at once and in the order of ids, so that two who change places do not wait for each other.
          await lockSessions(tx, [sessionId, before?.sessionId ?? sessionId])
          const left = await leaveSession(tx, userId)
          const [session] = await tx.$queryRaw<unknown[]>`
            SELECT FROM listening_session WHERE id = ${sessionId}`
          if (session === undefined) throw sessionMissing()
          if ((await tx.listeningMember.count({ where: { sessionId } })) >= MAX_LISTENERS)
            throw new Refusal('LIMIT_REACHED', `At most ${MAX_LISTENERS} listen together`, ['sessionId'])
          await tx.listeningMember.create({ data: { userId, sessionId, joinedAt: new Date(now()) } })
          return left
        }, TRANSACTION)
        return { session: await tell(userId, left, sessionId) }
      })
    },

    async leave(identity) {
      const { userId } = requireUser(identity)
      return payload({ session: null }, async () => {
        const left = await db.$transaction((tx) => leaveSession(tx, userId), TRANSACTION)
        return { session: await tell(userId, left, null) }
      })
    },

    async findOf(identity, userId) {
      if (identity.userId !== userId) return null
      const id = await sessionOf(userId)
      return id === null ? null : find(id)
    },

    async follow(identity) {
      const { userId } = requireUser(identity)
      const id = await sessionOf(userId)
      if (id === null) throw new AppError('NOT_FOUND', 'You listen with nobody')
      const source = watch.open(id)
      return createPulledStream(
        async () => {
          const step = await source.next()
          return step.done === true || !step.value.memberIds.includes(userId)
            ? null
            : { item: step.value, isLast: false }
        },
        () => void source.return?.(),
      )
    },
    watchers: watch.size,
    close: watch.close,
  }
}

/** Out of whatever session they are in; the next who came is host, and without anybody it is over. Returns which one it was. */
export async function leaveSession(
  tx: Parameters<Parameters<PrismaClient['$transaction']>[0]>[0],
  userId: string,
): Promise<string | null> {
  const member = await tx.listeningMember.findUnique({ where: { userId } })
  if (member === null) return null
  const { sessionId } = member
  // Held, so that of the last two one sees the other gone.
  await lockSessions(tx, [sessionId])
  await tx.listeningMember.deleteMany({ where: { userId, sessionId } })
  const heir = await tx.listeningMember.findFirst({
    where: { sessionId },
    orderBy: [{ joinedAt: 'asc' }, { userId: 'asc' }],
  })
  if (heir !== null) {
    await tx.listeningSession.updateMany({
      where: { id: sessionId, hostId: userId },
      data: { hostId: heir.userId },
    })
    return sessionId
  }
  await tx.listeningSession.deleteMany({ where: { id: sessionId } })
  await tx.player.deleteMany({ where: { id: sessionId } })
  await tx.playerQueue.deleteMany({ where: { playerId: sessionId } })
  return sessionId
}

async function lockSessions(tx: SqlExecutor, ids: readonly string[]): Promise<void> {
  await tx.$queryRaw`
    SELECT FROM listening_session WHERE id = ANY (${ids}::text[]) ORDER BY id FOR UPDATE`
}

async function readSessions(db: SqlExecutor, ids: readonly string[]): Promise<ListeningSessionRow[]> {
  return db.$queryRaw<ListeningSessionRow[]>`
    SELECT id, host_id AS "hostId",
           ARRAY(SELECT user_id FROM listening_member WHERE session_id = session.id ORDER BY joined_at, user_id) AS "memberIds",
           coalesce((SELECT revision FROM player WHERE player.id = session.id), 0) AS "playerRevision"
      FROM listening_session session WHERE id = ANY (${ids}::text[])`
}

function sessionMissing(): Refusal {
  return new Refusal('NOT_FOUND', 'There is no such session', ['sessionId'])
}
