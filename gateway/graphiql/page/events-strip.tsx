import { useGraphiQL } from '@graphiql/react'
import { useEffect } from 'react'
import type { GraphQLAnswer } from './http.ts'
import { endSubscription } from './live-subscription.ts'
import { link } from './socket.ts'
import { useStore } from './store.ts'
import './styles/events.css'
import { type LoggedEvent, subscriptionLog } from './subscription-log.ts'
import { tabs } from './tabs.ts'

/** The line under the result: a subscription's latest events, newest first, in every tab while it runs. */
export function EventsStrip() {
  const log = useStore(subscriptionLog)
  const socket = useStore(link)
  const { front } = useStore(tabs)
  const responseEditor = useGraphiQL((state) => state.responseEditor)
  const isSubscription = useIsSubscription()
  const isRunning = log.state === 'running'
  const isOwnTab = front === log.tab
  const latest = log.events[0]
  const show = (answer: GraphQLAnswer) => responseEditor?.setValue(JSON.stringify(answer, null, 2))

  // biome-ignore lint/correctness/useExhaustiveDependencies: shown once, when it comes or when its tab does
  useEffect(() => {
    if (isOwnTab && latest?.isUnseen) show(latest.answer)
  }, [isOwnTab, latest])

  if (!isSubscription && !isRunning) return null
  return (
    <section className="events" aria-label="Events" data-state={isRunning ? socket : log.state}>
      <p className="events-state small" role="status">
        {stateOf(log.state, socket)}
        {log.received > 0 && (
          <span className="quiet"> {log.received === 1 ? '1 event' : `${log.received} events`}</span>
        )}
      </p>
      <ol className="events-list">
        {log.events.map((event) => (
          <li key={event.id}>
            <Event event={event} onChoose={() => show(event.answer)} />
          </li>
        ))}
      </ol>
      {isRunning && !isSubscription && (
        <button type="button" className="plain small event" onClick={endSubscription}>
          Stop
        </button>
      )}
    </section>
  )
}

function Event({ event, onChoose }: { event: LoggedEvent; onChoose: () => void }) {
  return (
    <button type="button" className="plain small event" onClick={onChoose}>
      <strong>{event.kind}</strong>
      {event.revision !== null && <span> r{event.revision}</span>}
      <time className="quiet" dateTime={event.at.toISOString()}>
        {event.at.toLocaleTimeString([], { hour12: false })}
      </time>
    </button>
  )
}

function useIsSubscription(): boolean {
  return useGraphiQL((state) => {
    const operations = state.operations ?? []
    const operation = operations.find((one) => one.name?.value === state.operationName) ?? operations[0]
    return operation?.operation === 'subscription'
  })
}

function stateOf(state: 'none' | 'running' | 'ended', socket: string): string {
  if (state === 'none') return 'No events yet: run the subscription'
  if (state === 'ended') return 'Ended'
  return socket === 'open' ? 'Live' : 'Connecting…'
}
