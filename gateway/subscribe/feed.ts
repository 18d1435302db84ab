import type { GraphQLFormattedError } from 'graphql'
import type { RoomResponse } from '#shared/room.ts'
import type { Caller } from '../caller.ts'
import { printAnswer } from '../graphql-answer.ts'
import { doorSubscriptions } from '../telemetry.ts'
import type { JointResolution } from './joint-resolution.ts'
import type { LiveOperation } from './live-operation.ts'
import type { Subscriber } from './subscriber.ts'

/** What one operation makes of a stream's events, for all who get the same of it. */
export interface Feed {
  readonly operation: LiveOperation
  /** On whose behalf rooms are asked. */
  caller: Caller
  add(subscriber: Subscriber): void
  remove(subscriber: Subscriber): void
  /** Begins to resolve an event; its subscribers get the results in the order of the events. */
  take(event: RoomResponse): void
  /** Completes its subscribers once they have what was taken. */
  end(): void
  cutOff(): void
  /** Whether it should get another event now. */
  isReady(): boolean
  /** One of its subscribers has become ready. */
  wake(): void
}

export interface FeedOptions {
  operation: LiveOperation
  caller: Caller
  /** With the key of the feed, where streams of others bring the same events. */
  joint: { resolve: JointResolution; key: string } | null
  /** What may leave of an error that a room, or the executor, reports. */
  mask(error: GraphQLFormattedError): GraphQLFormattedError
  /** What is told of something that was thrown. */
  explain(error: unknown): RoomResponse
  /** Called when it may have become ready for more. */
  onProgress(): void
  /** Called when its last subscriber has left. */
  onEmpty(): void
}

/** Events that are resolved at the same time; and how many more may wait while others follow the same stream faster. */
const AT_ONCE = 8
const WAITING = 128
/** Subscribers that are served before others get their turn: it takes some milliseconds. */
const IN_A_ROW = 1_000

export function createFeed({ operation, joint, mask, explain, ...options }: FeedOptions): Feed {
  const subscribers = new Set<Subscriber>()
  let delivered: Promise<void> = Promise.resolve()
  let pending = 0
  let wake = (): void => undefined

  async function resolveEvent(event: RoomResponse): Promise<string> {
    const { data, errors } = event
    if (data == null && errors?.length) return printAnswer(data, errors.map(mask))
    try {
      const { operation: prepared, variables } = operation.current(feed.caller.rights)
      const answer = await prepared.resolveEvent(event, { variables, caller: feed.caller })
      return printAnswer(answer.data, answer.errors.map(mask))
    } catch (error) {
      return printAnswer(undefined, explain(error).errors ?? [])
    }
  }

  /** As fast as the readiest subscriber takes it: for the others it waits in their transports. */
  async function deliver(result: Promise<string>): Promise<void> {
    const text = await result
    while (subscribers.size > 0 && !isAnybodyReady()) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    pending--
    let served = 0
    for (const subscriber of subscribers) {
      subscriber.next(text)
      if (++served % IN_A_ROW === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    options.onProgress()
  }

  function isAnybodyReady(): boolean {
    for (const subscriber of subscribers) if (subscriber.isReady()) return true
    return false
  }

  function cutOff(): void {
    for (const subscriber of subscribers) subscriber.cutOff()
  }

  const feed: Feed = {
    operation,
    caller: options.caller,
    add(subscriber) {
      doorSubscriptions.inc()
      subscribers.add(subscriber)
    },
    remove(subscriber) {
      if (!subscribers.delete(subscriber)) return
      doorSubscriptions.dec()
      wake()
      if (subscribers.size > 0) return
      operation.release()
      options.onEmpty()
    },
    take(event) {
      if (pending === WAITING) return cutOff()
      pending++
      const resolve = (): Promise<string> => resolveEvent(event)
      const result =
        joint?.resolve(`${joint.key}${JSON.stringify([event.data, event.errors])}`, resolve) ?? resolve()
      delivered = delivered.then(() => deliver(result))
    },
    end() {
      delivered = delivered.then(() => {
        for (const subscriber of subscribers) {
          feed.remove(subscriber)
          subscriber.complete()
        }
      })
    },
    cutOff,
    isReady: () => pending < AT_ONCE && isAnybodyReady(),
    wake: () => wake(),
  }
  return feed
}
