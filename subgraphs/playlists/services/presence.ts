import { randomUUID } from 'node:crypto'
import { createBell } from '#shared/bell.ts'
import { Refusal } from '#shared/errors.ts'
import { type Identity, requireUser } from '#shared/identity.ts'
import { createPulledStream, type Pulled } from '#shared/pulled-stream.ts'
import type { HintTopic } from '#shared/topics/hint-topic.ts'
import type { Activity, ItemRow, Presence, SeenPlaylist } from '../models.ts'
import { requireWatchable } from './changes.ts'
import { createGathering, type Gathering, PAUSE_MS } from './gathering.ts'
import { canSeeAt } from './head.ts'
import { playlistMissing } from './lock.ts'
import type { Watch } from './watch.ts'

export interface PresenceInput {
  playlistId: string
  itemId?: string | null | undefined
  activity: Activity
}

/** Lists and items as one person sees them: null where they do not. */
export interface ViewersLoaders {
  playlistById: { load(id: string): Promise<SeenPlaylist | null> }
  itemById: { load(id: string): Promise<ItemRow | null> }
}

/** Who is in a list now, and what they do: lossy, and never more than somebody may see. */
export interface PresenceService {
  set(identity: Identity, loaders: ViewersLoaders, input: PresenceInput): Promise<object>
  /** Refused as a subscription to the list's changes is. */
  open(identity: Identity, playlist: SeenPlaylist | null): AsyncIterableIterator<Presence>
  close(): void
}

export interface PresenceOptions {
  topic: HintTopic
  watch: Watch
  now?: () => number
}

const TICK_MS = 500
const MOST_A_SECOND = 20
const NOBODY: Presence = { viewers: [] }

interface Place {
  gathering: Gathering
  /** Rung when somebody comes, goes, or does something else. */
  streams: Set<() => void>
  unlisten(): void
}

export function createPresence({ topic, watch, now = Date.now }: PresenceOptions): PresenceService {
  const process = randomUUID()
  const places = new Map<string, Place>()
  const said = new Map<string, { second: number; count: number }>()
  let timer: NodeJS.Timeout | null = null

  function placeOf(playlistId: string): Place {
    const known = places.get(playlistId)
    if (known !== undefined) return known
    const key = `presence:${playlistId}`
    const streams = new Set<() => void>()
    const gathering = createGathering({
      process,
      now,
      say: (hint) => topic.say(key, hint),
      onChange() {
        for (const ring of streams) ring()
      },
    })
    const place = { gathering, streams, unlisten: topic.listen(key, gathering.hear) }
    places.set(playlistId, place)
    timer ??= setInterval(tick, TICK_MS).unref()
    return place
  }

  function tick(): void {
    for (const [userId, { second }] of said) if (second !== secondNow()) said.delete(userId)
    for (const [playlistId, { gathering, streams, unlisten }] of places) {
      gathering.tick()
      if (!gathering.isEmpty() || streams.size > 0) continue
      unlisten()
      places.delete(playlistId)
    }
    if (places.size === 0) stop()
  }

  function stop(): void {
    if (timer !== null) clearInterval(timer)
    timer = null
  }

  const secondNow = (): number => Math.floor(now() / 1_000)

  function requirePace(userId: string): void {
    const second = secondNow()
    const known = said.get(userId)
    const count = known?.second === second ? known.count + 1 : 1
    if (count > MOST_A_SECOND)
      throw new Refusal('LIMIT_REACHED', `Presence is set at most ${MOST_A_SECOND} times a second`)
    said.set(userId, { second, count })
  }

  return {
    async set(identity, loaders, { playlistId, itemId = null, activity }) {
      const { userId } = requireUser(identity)
      requirePace(userId)
      const playlist = await loaders.playlistById.load(playlistId)
      if (playlist === null) throw playlistMissing()
      if (itemId !== null && (await loaders.itemById.load(itemId))?.playlistId !== playlist.id)
        throw new Refusal('NOT_FOUND', 'There is no such item in this playlist', ['itemId'])
      placeOf(playlist.id).gathering.set(userId, { itemId, activity })
      return {}
    },

    open({ userId }, found) {
      const { id } = requireWatchable(userId, found)
      const { gathering, streams } = placeOf(id)
      const bell = createBell()
      const watched = watch.follow(id, bell.ring)
      let isOver = false
      let sent: Presence | null = null
      let sentAt = 0
      streams.add(bell.ring)
      if (userId === null) gathering.ask()
      else gathering.enter(userId)

      async function pull(): Promise<Pulled<Presence> | null> {
        while (!isOver) {
          const head = watched.head()
          if (head === null) await bell.rest(null)
          else if (head.isDeleted || !canSeeAt(head, userId)) return { item: NOBODY, isLast: true }
          else {
            const presence = gathering.shownAt(head)
            const wait = sentAt + PAUSE_MS - now()
            if (presence === sent) await bell.rest(null)
            else if (sent !== null && wait > 0) await bell.rest(wait)
            else {
              sent = presence
              sentAt = now()
              return { item: presence, isLast: false }
            }
          }
        }
        return null
      }

      return createPulledStream(pull, () => {
        isOver = true
        streams.delete(bell.ring)
        if (userId !== null) gathering.exit(userId)
        watched.leave()
        bell.ring()
      })
    },

    close() {
      stop()
      for (const { unlisten } of places.values()) unlisten()
      places.clear()
    },
  }
}
