import type { Presence } from '../models.ts'
import { canSeeAt, type Head } from './head.ts'
import { busiest, type Doing, fromHint, toHint } from './presence-message.ts'

/** Somebody who is here by this process: while a stream of theirs is open, and for some time after they were last heard. */
interface Own extends Doing {
  streams: number
  until: number
}

/** Those who are here, in one list, as this process knows them. Nothing of it is kept anywhere. */
export interface Gathering {
  /** Somebody opened a stream: they are here, and stay who they were if they were here before. */
  enter(userId: string): void
  /** They closed it again: time to come back is left to them. */
  exit(userId: string): void
  set(userId: string, doing: Pick<Doing, 'itemId' | 'activity'>): void
  hear(hint: string): void
  /** Forgets those whose time is over, and says again who is here, before the others forget them. */
  tick(): void
  /** Asks the other processes, if that has not been done yet. */
  ask(): void
  isEmpty(): boolean
  /** Who is here of those who may see the list: the same object as long as it is the same. */
  shownAt(head: Head): Presence
}

export interface GatheringOptions {
  process: string
  now(): number
  say(hint: string): void
  onChange(): void
}

/** A little less than ten seconds: what is over is looked for now and then. */
const LEASE_MS = 9_000
const LINGER_MS = 5_000
const BEAT_MS = 3_000
/** At most so often is anything said, or sent, of one list. */
export const PAUSE_MS = 250

export function createGathering({ process, now, say, onChange }: GatheringOptions): Gathering {
  const own = new Map<string, Own>()
  const others = new Map<string, { people: ReadonlyMap<string, Doing>; until: number }>()
  let isAsking = true
  let saidAt = Number.NEGATIVE_INFINITY
  let isDue = false
  let shown: Presence = { viewers: [] }
  /** What `shown` was made of, so that many streams make it once. */
  let shownHead: Head | null = null
  let isStale = true

  function sayNow(): void {
    isDue = false
    saidAt = now()
    say(toHint({ process, isAsking, people: own }))
    isAsking = false
  }

  /** At once, or when the pause is over: then with all that has happened meanwhile. */
  function announce(): void {
    if (isDue) return
    const wait = saidAt + PAUSE_MS - now()
    isDue = wait > 0
    if (isDue) setTimeout(sayNow, wait).unref()
    else sayNow()
  }

  function tell(): void {
    isStale = true
    onChange()
  }

  function changed(): void {
    announce()
    tell()
  }

  return {
    enter(userId) {
      const known = own.get(userId)
      const doing = known ?? { itemId: null, activity: 'VIEWING', at: now(), until: 0, streams: 0 }
      own.set(userId, { ...doing, streams: doing.streams + 1 })
      changed()
    },

    exit(userId) {
      const known = own.get(userId)
      if (known !== undefined)
        own.set(userId, { ...known, streams: known.streams - 1, until: now() + LINGER_MS })
    },

    set(userId, { itemId, activity }) {
      const streams = own.get(userId)?.streams ?? 0
      own.set(userId, { itemId, activity, at: now(), streams, until: now() + LEASE_MS })
      changed()
    },

    hear(hint) {
      const said = fromHint(hint)
      if (said.process === process) return
      if (said.people.size === 0) others.delete(said.process)
      else others.set(said.process, { people: said.people, until: now() + LEASE_MS })
      // What a person said to another process holds for as long as their stream is open here.
      for (const [userId, doing] of said.people) {
        const here = own.get(userId)
        if (here !== undefined && here.streams > 0 && doing.at > here.at)
          own.set(userId, { ...here, ...doing })
      }
      if (said.isAsking && own.size > 0) announce()
      tell()
    },

    tick() {
      const before = own.size + others.size
      for (const [userId, { streams, until }] of own) if (streams === 0 && until <= now()) own.delete(userId)
      const hasLeft = own.size + others.size < before
      for (const [other, { until }] of others) if (until <= now()) others.delete(other)
      if (hasLeft || (own.size > 0 && saidAt + BEAT_MS <= now())) announce()
      if (own.size + others.size < before) tell()
    },

    ask() {
      if (isAsking) announce()
    },

    isEmpty: () => own.size === 0,

    shownAt(head) {
      if (!isStale && head === shownHead) return shown
      isStale = false
      shownHead = head
      const people = new Map<string, Doing>()
      for (const known of [own, ...[...others.values()].map((other) => other.people)])
        for (const [userId, doing] of known)
          if (canSeeAt(head, userId) && doing.at > (people.get(userId)?.at ?? -1)) people.set(userId, doing)
      const viewers = busiest(people).map(([userId, { itemId, activity }]) => ({ userId, itemId, activity }))
      if (JSON.stringify(viewers) !== JSON.stringify(shown.viewers)) shown = { viewers }
      return shown
    },
  }
}
