import type { Logger } from 'pino'
import { type Consumer, createConsumer } from '#shared/consumer.ts'
import type { SqlExecutor } from '#shared/database.ts'
import type { EventLog, LogEvent } from '#shared/event-log.ts'
import { PLAYLIST_CHANGED, PLAYLIST_FOLLOWED, playlistChanged, playlistFollowed } from '../events.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

/** Keeps which lists everybody may see, and who made one public or saved one. */
export function createSharedPlaylists(db: PrismaClient, log: EventLog, logger: Logger): Consumer {
  return createConsumer({
    name: 'users.playlists',
    source: 'playlists',
    topics: [PLAYLIST_CHANGED, PLAYLIST_FOLLOWED],
    log,
    db,
    logger,
    async apply(tx, events) {
      await copyLists(
        tx,
        events.filter(({ topic }) => topic === PLAYLIST_CHANGED),
      )
      await copyFollowers(
        tx,
        events.filter(({ topic }) => topic === PLAYLIST_FOLLOWED),
      )
    },
  })
}

interface ListNews {
  id: string
  ownerId: string
  isPublic: boolean
  isDeleted: boolean
  revision: number
  /** When it became what it is now, as far as these events tell. */
  since: Date
}

/** Most edits leave alone who may see a list: only what changes that is written. */
async function copyLists(tx: SqlExecutor, events: readonly LogEvent[]): Promise<void> {
  if (events.length === 0) return
  const lists = new Map<string, ListNews>()
  for (const { payload, at } of events) {
    const { playlistId: id, ownerId, visibility, revision, isDeleted } = playlistChanged.parse(payload)
    const isPublic = visibility === 'PUBLIC' && !isDeleted
    const before = lists.get(id)
    if (before !== undefined && revision < before.revision) continue
    const since = before?.isPublic === isPublic ? before.since : at
    lists.set(id, { id, ownerId, isPublic, isDeleted, revision, since })
  }
  await tx.$executeRaw`
    WITH news AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify([...lists.values()])}::text::jsonb)
          AS news (id text, "ownerId" text, "isPublic" boolean, "isDeleted" boolean, revision int, since timestamptz)
    ), kept AS (
      INSERT INTO playlist (id, owner_id, is_public, revision)
      SELECT id, "ownerId", "isPublic", revision FROM news ORDER BY id
          ON CONFLICT (id) DO UPDATE
         SET owner_id = excluded.owner_id, is_public = excluded.is_public, revision = excluded.revision
       WHERE excluded.revision > playlist.revision
         AND (excluded.is_public, excluded.owner_id) IS DISTINCT FROM (playlist.is_public, playlist.owner_id)
      RETURNING id
    ), hidden AS (
      DELETE FROM activity USING kept JOIN news USING (id)
       WHERE subject_id = id AND NOT "isPublic" AND ("isDeleted" OR verb = 'PUBLISHED')
    )
    INSERT INTO activity (actor_id, at, verb, subject_id, origin)
    SELECT account.id, since, 'PUBLISHED', news.id, 'PUBLISHED:' || news.id
      FROM kept JOIN news USING (id) JOIN account ON account.id = "ownerId" WHERE "isPublic"
        ON CONFLICT (actor_id, origin) DO UPDATE SET at = excluded.at`
}

async function copyFollowers(tx: SqlExecutor, events: readonly LogEvent[]): Promise<void> {
  if (events.length === 0) return
  const follows = new Map(
    events.map(({ payload, at }) => {
      const follow = playlistFollowed.parse(payload)
      return [`${follow.userId} ${follow.playlistId}`, { ...follow, at }]
    }),
  )
  await tx.$executeRaw`
    WITH news AS (
      SELECT *, 'SAVED:' || "playlistId" AS origin FROM jsonb_to_recordset(${JSON.stringify([...follows.values()])}::text::jsonb)
          AS news ("playlistId" text, "userId" text, "isFollowed" boolean, at timestamptz)
    ), gone AS (
      DELETE FROM activity USING news
       WHERE actor_id = "userId" AND activity.origin = news.origin AND NOT "isFollowed"
    )
    INSERT INTO activity (actor_id, at, verb, subject_id, origin)
    SELECT account.id, at, 'SAVED', "playlistId", origin FROM news JOIN account ON account.id = "userId" WHERE "isFollowed"
        ON CONFLICT (actor_id, origin) DO NOTHING`
}
