import type { Logger } from 'pino'
import { AppError } from '#shared/errors.ts'
import type { Room, RoomResponse } from '#shared/room.ts'
import { asNobody, type Caller } from '../caller.ts'
import { type Accepted, causeOf, type Engine } from '../engine.ts'
import { printAnswer } from '../graphql-answer.ts'
import type { Graphs } from '../graphs.ts'
import { maskAtDoor } from '../masking.ts'
import { createFeed, type Feed } from './feed.ts'
import { createJointResolution } from './joint-resolution.ts'
import { createLiveOperation } from './live-operation.ts'
import { type Sharing, sharingOf } from './sharing.ts'
import { openStream, type Stream } from './stream.ts'
import type { Subscriber } from './subscriber.ts'

/** Runs federated subscriptions: the stream of the room that owns them, and for each event the fields of the other rooms. */
export interface Subscriptions {
  /** Throws an AppError where there is no stream to open. What goes wrong later is told to the subscriber. */
  start(wanted: Wanted, subscriber: Subscriber): Subscription
  /** Goes over to the supergraph that is served now, so that no other is kept for those to whom nothing happens. */
  catchUp(): Promise<void>
}

export interface Wanted {
  accepted: Accepted
  /** The variables as the client sent them. */
  variables: Record<string, unknown>
  caller: Caller
}

export interface Subscription {
  /** Nothing is sent any more; a stream that nobody else follows is closed at once. */
  leave(): void
  /** The subscriber has become ready. */
  wake(): void
  /** The same person with a newer token: what rooms are asked from now on, they are asked with that. */
  renew(caller: Caller): void
}

export interface SubscriptionsOptions {
  graphs: Graphs
  engine: Pick<Engine, 'mask'>
  logger: Logger
}

export function createSubscriptions({ graphs, engine, logger }: SubscriptionsOptions): Subscriptions {
  const joinable = new WeakMap<Room, Map<string, Stream>>()
  const streams = new Set<Stream>()
  const resolveJointly = createJointResolution()
  let feeds = 0

  const explain = (error: unknown): RoomResponse => ({ errors: [engine.mask(error)] })

  function streamOf(
    { accepted: { operation, variables, graph } }: Wanted,
    caller: Caller,
    sharing: Sharing,
  ): Stream {
    const { primary } = operation
    if (primary === null) throw new AppError('GRAPHQL_VALIDATION_FAILED', 'A subscription has a root field')
    const room = graph.rooms.get(primary.room)
    if (room === undefined) throw new AppError('UNAVAILABLE', `The ${primary.room} room is away`)
    const { operation: query, operationName, variableUsages } = primary
    const used = variableUsages.filter((name) => Object.hasOwn(variables, name))
    const own = Object.fromEntries(used.map((name) => [name, variables[name]]))
    const key = JSON.stringify([scopeOf(caller), query, operationName, own])
    const known = joinable.get(room) ?? new Map<string, Stream>()
    joinable.set(room, known)
    const standing = known.get(key)
    if (standing !== undefined && (standing.isFresh || sharing.ofStream)) return standing
    const stream = openStream({
      room,
      request: {
        query,
        operationName,
        variables: own,
        identity: caller.identity,
        headers: caller.headers,
      },
      explain,
      onClose() {
        streams.delete(stream)
        if (known.get(key) === stream) known.delete(key)
      },
    })
    streams.add(stream)
    known.set(key, stream)
    return stream
  }

  function feedOf(stream: Stream, { accepted, variables, caller }: Wanted, sharing: Sharing): Feed {
    const { source, operationName } = accepted.operation
    const shape = sharing.shapedBy.map((name) => accepted.variables[name])
    const asker = sharing.ofEvents ? asNobody(caller) : caller
    // Who can come with a newer token has a feed to himself: from then on it asks with that.
    const scope = asker.identity.userId === null ? scopeOf(asker) : ++feeds
    const key = JSON.stringify([scope, source, operationName, shape])
    const known = stream.feeds.get(key)
    if (known !== undefined) return known
    const feed = createFeed({
      operation: createLiveOperation(graphs, accepted, variables),
      caller: asker,
      joint: sharing.ofEvents && !sharing.ofStream ? { resolve: resolveJointly, key } : null,
      mask: (error) => maskAtDoor(error, causeOf(error), logger),
      explain,
      onProgress: stream.wake,
      onEmpty() {
        stream.feeds.delete(key)
        if (stream.feeds.size === 0) stream.close()
        else stream.wake()
      },
    })
    stream.feeds.set(key, feed)
    return feed
  }

  return {
    start(wanted, subscriber) {
      const { operation, graph } = wanted.accepted
      const sharing = sharingOf(operation, graph.directives)
      const stream = streamOf(wanted, sharing.ofStream ? asNobody(wanted.caller) : wanted.caller, sharing)
      const feed = feedOf(stream, wanted, sharing)
      feed.add(subscriber)
      stream.wake()
      return {
        leave: () => feed.remove(subscriber),
        wake() {
          feed.wake()
          stream.wake()
        },
        renew(caller) {
          if (sharing.ofEvents) return
          if (readsTheSame(feed, caller)) {
            feed.caller = caller
            return
          }
          const fault = new AppError('FORBIDDEN', 'Your rights have changed: subscribe again')
          feed.remove(subscriber)
          subscriber.next(printAnswer(undefined, explain(fault).errors ?? []))
          subscriber.complete()
        },
      }
    },

    async catchUp() {
      for (const stream of streams) {
        for (const feed of stream.feeds.values()) {
          feed.operation.current(feed.caller.rights)
          await new Promise((resolve) => setImmediate(resolve))
        }
      }
    },
  }
}

/** Whether the caller may read as much of the operation as whoever the feed asks for. */
function readsTheSame(feed: Feed, { rights }: Caller): boolean {
  const { graph, operation } = feed.operation.current(feed.caller.rights)
  try {
    const { variant } = graph.operations.ready(operation.source, operation.operationName, rights)
    return variant === operation.variant
  } catch {
    return false
  }
}

/** Equal for callers whom neither a room nor the door can tell apart. */
function scopeOf({ key, rights }: Caller): unknown {
  return rights === null ? key : [key, [...rights.scopes].sort(), [...rights.policies].sort()]
}
