import { MAX_HINT } from '#shared/topics/hint-topic.ts'
import type { Activity } from '../models.ts'

/** What one person does, and when that was said (ms of the epoch). */
export interface Doing {
  itemId: string | null
  activity: Activity
  at: number
}

/** What one process says of a list: everybody who is here by it. */
export interface PresenceMessage {
  process: string
  /** It has just begun to listen, and asks the others to say theirs. */
  isAsking: boolean
  people: ReadonlyMap<string, Doing>
}

export const MOST_SHOWN = 50
const ACTIVITIES: readonly Activity[] = ['DRAGGING', 'SELECTING', 'VIEWING']

/** The busiest first, as many as are shown. Who is as busy keeps an order that all processes agree on. */
export function busiest(people: ReadonlyMap<string, Doing>): [userId: string, doing: Doing][] {
  const rank = ({ activity }: Doing): number => ACTIVITIES.indexOf(activity)
  return [...people]
    .sort(([one, a], [other, b]) => rank(a) - rank(b) || (one < other ? -1 : 1))
    .slice(0, MOST_SHOWN)
}

/** As a hint: no more than those who are shown, and no longer than a hint may be. */
export function toHint({ process, isAsking, people }: PresenceMessage): string {
  const rows = busiest(people).map(([userId, { itemId, activity, at }]) => [
    userId,
    itemId,
    ACTIVITIES.indexOf(activity),
    at,
  ])
  const hint = JSON.stringify([process, isAsking, ...rows])
  return hint.length <= MAX_HINT ? hint : JSON.stringify([process, isAsking])
}

export function fromHint(hint: string): PresenceMessage {
  const [process, isAsking, ...rows] = JSON.parse(hint) as [string, boolean, ...HintRow[]]
  const people = new Map<string, Doing>()
  for (const [userId, itemId, activity, at] of rows)
    people.set(userId, { itemId, activity: ACTIVITIES[activity] ?? 'VIEWING', at })
  return { process, isAsking, people }
}

type HintRow = [userId: string, itemId: string | null, activity: number, at: number]
