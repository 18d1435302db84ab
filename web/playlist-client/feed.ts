import { createBackoff } from './backoff.ts'
import type { Change, Track } from './change.ts'
import { type Fault, faultOf } from './fault.ts'
import type { Transport } from './outbox.ts'

export interface FeedOptions<T extends Track> {
  transport: Transport
  query: string
  playlistId: string
  /** The revision to go on from, each time it is asked; null for the whole list. */
  since(): number | null
  /** False when the change does not follow what is known: the feed then begins again. */
  take(change: Change<T>): boolean
  /** It is refused for good. */
  onRefusal(fault: Fault): void
}

/** Follows `playlistChanged` until it is left: through cut sockets, restarted servers and missing messages. */
export function followChanges<T extends Track>(options: FeedOptions<T>): () => void {
  const { transport, query, playlistId, since, take, onRefusal } = options
  const backoff = createBackoff()
  let leave = (): void => undefined

  function follow(): void {
    let hasLeft = false
    const again = (fault: Fault): void => {
      if (hasLeft) return
      leave()
      if (fault.isPassing) backoff.schedule(follow)
      else onRefusal(fault)
    }
    const request = {
      query,
      // graphql-ws sends the request once more whenever it has reconnected: this is read each time.
      get variables() {
        return { id: playlistId, sinceRevision: since() }
      },
    }
    const stop = transport.subscribe<{ playlistChanged: Change<T> }>(request, {
      next({ data, errors }) {
        if (hasLeft) return // on its way when it was left
        if (data == null) again(faultOf(errors))
        else if (take(data.playlistChanged)) backoff.reset()
        else again(faultOf(null))
      },
      error: (reason) => again(faultOf(reason)),
      complete: () => again(faultOf(null)),
    })
    leave = () => {
      hasLeft = true
      stop()
    }
  }

  follow()
  return () => {
    backoff.cancel()
    leave()
  }
}
