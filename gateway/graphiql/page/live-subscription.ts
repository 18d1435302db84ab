import type { Sink } from 'graphql-ws'
import type { GraphQLAnswer, GraphQLRequest } from './http.ts'
import { openSubscription } from './socket.ts'
import { endLog, logEvent, startLog } from './subscription-log.ts'
import { tabs } from './tabs.ts'

let close: (() => void) | null = null
let tab = ''

tabs.subscribe(() => {
  if (close && !tabs.get().open.includes(tab)) endSubscription()
})

/**
 * Runs the page's one subscription, ending the one before. It outlives its tab going to the back, so that an edit made
 * in another tab is seen arriving; stopping it or closing its tab ends it.
 */
export function runSubscription(
  request: GraphQLRequest,
  sink: Sink<GraphQLAnswer>,
  signal: AbortSignal,
): void {
  endSubscription()
  const ownTab = tabs.get().front
  tab = ownTab
  startLog(tab)
  const closeThis = openSubscription(request, {
    next(result) {
      const answer = result as GraphQLAnswer
      logEvent(answer, signal.aborted)
      // GraphiQL would write into whichever tab is in front by now.
      if (!signal.aborted) sink.next(answer)
    },
    error(problem) {
      endLog()
      if (!signal.aborted) sink.error(problem)
    },
    complete() {
      endLog()
      if (!signal.aborted) sink.complete()
    },
  })
  close = closeThis
  signal.addEventListener('abort', () => {
    // GraphiQL stops a run before it changes the tab, so a moment later it is clear which of the two was meant.
    setTimeout(() => {
      if (tabs.get().front === ownTab) closeThis()
    })
  })
}

export function endSubscription(): void {
  close?.()
  close = null
}
