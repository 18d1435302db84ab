import type { IncomingMessage, ServerResponse } from 'node:http'
import type { GraphQLFormattedError } from 'graphql'
import { AppError } from '#shared/errors.ts'
import type { Admission } from './admission.ts'
import type { Arrivals } from './arrival.ts'
import type { Authenticator, Visit } from './authenticator.ts'
import { type Accepted, type Engine, MutationByGet } from './engine.ts'
import { type AnswerType, printAnswer } from './graphql-answer.ts'
import type { GraphqlRequest } from './graphql-request.ts'
import { createLastingVisit } from './lasting-visit.ts'
import { startExecution } from './subscribe/execution.ts'
import { type Lane, Outlet } from './subscribe/outlet.ts'
import type { Subscriptions } from './subscribe/subscriptions.ts'
import { doorConsumersCut, doorEventStreams } from './telemetry.ts'

/** Operations over server-sent events, for clients that cannot hold a socket: https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md */
export interface EventStreams {
  /**
   * Answers with a stream where the client takes nothing else, and where it takes JSON as well (`type`) if it subscribes. Says
   * whether it has answered. Rejects with what HTTP has a status for.
   */
  answer(asked: EventStreamRequest): Promise<boolean>
  close(): void
}

export interface EventStreamRequest {
  request: IncomingMessage
  response: ServerResponse
  asked: GraphqlRequest
  accepting: Promise<Accepted>
  visit: Visit
  type: AnswerType | null
}

export interface EventStreamsOptions {
  engine: Engine
  subscriptions: Subscriptions
  authenticator: Authenticator
  arrivals: Arrivals
  admission: Admission
}

const HEARTBEAT_MS = 12_000
const GOODBYE_MS = 1_500
const COMMENT = ':\n\n'
const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  vary: 'accept, authorization',
  // nginx would hold events back until it has some kilobytes of them.
  'x-accel-buffering': 'no',
}

export function acceptsEventStream({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return /(^|,)\s*text\/event-stream\s*($|[,;])/i.test(headers.accept ?? '')
}

/** Distinct connections mode: one operation a request. */
export function createEventStreams(options: EventStreamsOptions): EventStreams {
  const { engine, subscriptions, authenticator, arrivals, admission } = options
  const open = new Set<() => void>()

  function enter(request: IncomingMessage, visit: Visit): () => void {
    const leaveAddress = admission.fromAddress(arrivals.overHttp(request).address)
    const leaveUser = admission.asUser(visit.caller)
    const leave = (): void => {
      leaveAddress?.()
      leaveUser?.()
    }
    if (leaveAddress !== null && leaveUser !== null) return leave
    leave()
    throw new AppError('RATE_LIMITED', 'Too many connections at once')
  }

  function begin({ request, response, asked, accepting, visit }: EventStreamRequest): void {
    // Gone while its token was verified: nobody would tell us again.
    if (response.destroyed) return
    const leave = enter(request, visit)
    let isComplete = false
    /** A client that does not read may be there for long: nothing is done for it any more, and nothing written. */
    const stop = (): void => {
      clearInterval(heartbeat)
      open.delete(sendAway)
      outlet.close()
      execution.leave()
      staying.end()
    }
    const end = (): void => {
      stop()
      response.end()
    }
    // A client that was not told `complete` comes back, with a new token where it needs one.
    const sendAway = (): void => {
      end()
      setTimeout(() => response.destroy(), GOODBYE_MS).unref()
    }
    const cutOff = (): void => {
      doorConsumersCut.inc()
      response.destroy()
    }
    const lane: Lane = { waiting: 0, isClosed: false }
    const outlet = new Outlet({
      stream: response,
      target: { send: (head, result, tail) => void response.write(`${head}${result}${tail}`) },
      onReady: () => (isComplete ? end() : execution.wake()),
      onOverflow: cutOff,
    })
    const next = (result: string): void => outlet.send(lane, 'event: next\ndata: ', result, '\n\n')
    const complete = (): void => {
      outlet.send(lane, 'event: complete\ndata:', '', '\n\n')
      isComplete = true
      if (outlet.isReady()) end()
    }
    const refuse = (errors: readonly GraphQLFormattedError[]): void => {
      next(printAnswer(undefined, errors))
      complete()
    }

    doorEventStreams.inc()
    open.add(sendAway)
    response.on('error', () => response.destroy())
    response.writeHead(200, HEADERS).write(COMMENT)
    const staying = createLastingVisit(visit, authenticator, sendAway)
    const execution = startExecution({
      engine,
      subscriptions,
      accepting,
      variables: asked.variables,
      caller: visit.caller,
      client: { next, complete, refuse, cutOff, isReady: () => outlet.isReady() },
    })
    const heartbeat = setInterval(() => {
      if (outlet.hasStalled()) cutOff()
      else if (outlet.isReady()) response.write(COMMENT)
    }, HEARTBEAT_MS)
    response.once('close', () => {
      stop()
      leave()
      doorEventStreams.dec()
    })
  }

  return {
    async answer(stream) {
      // What is refused is refused in the words of whichever transport answers.
      const kind = await stream.accepting.then(
        ({ operation }) => operation.kind,
        () => null,
      )
      if (stream.type !== null && kind !== 'subscription') return false
      if (kind === 'mutation' && stream.request.method === 'GET') throw new MutationByGet()
      begin(stream)
      return true
    },
    close() {
      for (const over of open) over()
    },
  }
}
