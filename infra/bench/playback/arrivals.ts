import { Pool } from 'undici'
import type { Listener } from './house.ts'

/** How the starts of one run went. */
export interface Arrivals {
  /** Milliseconds each took from the moment it was due, whenever it was sent: a server that stands still is not spared. */
  times: number[]
  failed: number
  /** What the first few that failed answered. */
  examples: string[]
}

export interface ArrivalOptions {
  origin: string
  listeners: readonly Listener[]
  trackIds: readonly string[]
  perSecond: number
  count: number
}

const MANIFEST = '"__typename":"StreamManifest"'
const EXAMPLES = 3

/** `playbackStart` at a steady rate, whoever is still waiting for an answer. */
export async function startPlays(options: ArrivalOptions): Promise<Arrivals> {
  const { origin, listeners, trackIds, perSecond, count } = options
  const pool = new Pool(origin, { connections: 64, pipelining: 1 })
  const result: Arrivals = { times: [], failed: 0, examples: [] }
  const begun = performance.now()

  async function start(index: number, dueAt: number): Promise<void> {
    const listener = listeners[index % listeners.length] as Listener
    const body = listener.body(trackIds[index % trackIds.length] ?? '')
    try {
      const answer = await pool.request({ path: '/graphql', method: 'POST', headers: listener.headers, body })
      const text = await answer.body.text()
      result.times.push(performance.now() - dueAt)
      if (text.includes(MANIFEST)) return
      result.failed++
      if (result.examples.length < EXAMPLES) result.examples.push(text.slice(0, 300))
    } catch (error) {
      result.failed++
      if (result.examples.length < EXAMPLES) result.examples.push(String(error))
    }
  }

  const sent: Promise<void>[] = []
  for (let index = 0; index < count; index++) {
    const dueAt = begun + (index * 1_000) / perSecond
    const early = dueAt - performance.now()
    if (early > 1) await new Promise((resolve) => setTimeout(resolve, early))
    sent.push(start(index, dueAt))
  }
  await Promise.all(sent)
  await pool.close()
  return result
}
