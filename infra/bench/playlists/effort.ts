import type { RoomName } from '../../../schema/supergraph.ts'
import type { House } from './house.ts'

/** What the house has done since it began. */
export interface Effort {
  /** Statements that PostgreSQL has run, for whomever. */
  statements: number
  /** Requests that the door has made of rooms; streams are not counted. */
  requests: number
}

const ROOMS: readonly RoomName[] = ['users', 'catalog', 'playlists']

/** Needs a house that counts statements. */
export async function readEffort(house: House): Promise<Effort> {
  const { rows } = await house.db.query<{ calls: string }>(
    'SELECT sum(calls) AS calls FROM pg_stat_statements',
  )
  const requests = await Promise.all(ROOMS.map((room) => requestsOf(house.room(room).url)))
  return { statements: Number(rows[0]?.calls), requests: requests.reduce((sum, one) => sum + one, 0) }
}

/** What `work` takes for each of its `edits`, less what the house does anyway in that time. */
export async function effortOf(house: House, edits: number, work: () => Promise<void>): Promise<Effort> {
  const idleBefore = await readEffort(house)
  const idleSince = performance.now()
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
  const before = await readEffort(house)
  const begun = performance.now()
  await work()
  const after = await readEffort(house)
  const idle = (performance.now() - begun) / (begun - idleSince)
  const each = (of: keyof Effort): number =>
    (after[of] - before[of] - (before[of] - idleBefore[of]) * idle) / edits
  return { statements: each('statements'), requests: each('requests') }
}

const IDLE_MS = 5_000

async function requestsOf(url: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', url))).text()
  const counts = text.matchAll(/^cadenza_room_request_seconds_count\{[^}]*\} (\d+)$/gm)
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
}
