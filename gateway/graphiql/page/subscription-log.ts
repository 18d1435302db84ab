import type { GraphQLAnswer } from './http.ts'
import { createStore } from './store.ts'

export interface LoggedEvent {
  id: number
  kind: string
  revision: number | null
  at: Date
  answer: GraphQLAnswer
  /** It came while its tab was in the back, so the result shown there is older. */
  isUnseen: boolean
}

export interface SubscriptionLog {
  state: 'none' | 'running' | 'ended'
  /** The tab it was started in. */
  tab: string
  received: number
  /** The newest first, at most fifty. */
  events: LoggedEvent[]
}

const KEPT = 50

/** What the running subscription, or the last one, has brought. */
export const subscriptionLog = createStore<SubscriptionLog>({
  state: 'none',
  tab: '',
  received: 0,
  events: [],
})

export function startLog(tab: string): void {
  subscriptionLog.set({ state: 'running', tab, received: 0, events: [] })
}

export function endLog(): void {
  subscriptionLog.set({ ...subscriptionLog.get(), state: 'ended' })
}

export function logEvent(answer: GraphQLAnswer, isUnseen: boolean): void {
  const log = subscriptionLog.get()
  const received = log.received + 1
  const [field, payload] = Object.entries(answer.data ?? {})[0] ?? ['error', null]
  const { kind, revision } = (payload ?? {}) as { kind?: unknown; revision?: unknown }
  const event: LoggedEvent = {
    id: received,
    kind: typeof kind === 'string' ? kind : field,
    revision: typeof revision === 'number' ? revision : null,
    at: new Date(),
    answer,
    isUnseen,
  }
  subscriptionLog.set({ ...log, received, events: [event, ...log.events].slice(0, KEPT) })
}
