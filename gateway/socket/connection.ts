import { CloseCode, type Message, MessageType, parseMessage, type SubscribeMessage } from 'graphql-ws'
import { AppError } from '#shared/errors.ts'
import type { Admission } from '../admission.ts'
import type { Authenticator } from '../authenticator.ts'
import type { Arrival } from '../caller.ts'
import type { Engine } from '../engine.ts'
import { toRequest } from '../graphql-request.ts'
import { createLastingVisit, type LastingVisit } from '../lasting-visit.ts'
import { startExecution } from '../subscribe/execution.ts'
import type { Lane, Outlet } from '../subscribe/outlet.ts'
import type { Subscription, Subscriptions } from '../subscribe/subscriptions.ts'
import { doorConsumersCut } from '../telemetry.ts'
import { SocketOperation } from './operation.ts'

/** What every connection needs of the door. */
export interface ConnectionTools {
  engine: Engine
  subscriptions: Subscriptions
  authenticator: Authenticator
  admission: Admission
}

export interface ConnectionOptions extends ConnectionTools {
  outlet: Outlet
  /** Who arrives, by the handshake and what the client says when it connects. */
  arrivalWith(parameters: Readonly<Record<string, unknown>>): Arrival
  closeSocket(code: number, reason: string): void
}

/** One client of graphql-transport-ws: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md */
export interface Connection {
  receive(text: string): void
  /** The socket takes messages again. */
  wake(): void
  /** The client does not read: it is cut off, and resumes with a new connection. */
  cutOff(): void
  close(code: number, reason: string): void
}

interface Operation {
  lane: Lane
  /** Null while it begins. */
  execution: Subscription | null
}

const TOO_SLOW = 1013
const AGAIN_LATER = 1013
const OPERATIONS = 20
const INIT_MS = 3_000

export function createConnection(options: ConnectionOptions): Connection {
  const { engine, subscriptions, authenticator, admission, outlet, arrivalWith } = options
  const operations = new Map<string, Operation>()
  const lane: Lane = { waiting: 0, isClosed: false }
  let parameters: Readonly<Record<string, unknown>> | null = null
  let visit: LastingVisit | null = null
  let leave: (() => void) | null = null
  let isClosed = false

  const impatience = setTimeout(
    () => close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout'),
    INIT_MS,
  )

  function close(code: number, reason: string): void {
    if (isClosed) return
    isClosed = true
    clearTimeout(impatience)
    visit?.end()
    leave?.()
    for (const { execution } of operations.values()) execution?.leave()
    operations.clear()
    outlet.close()
    options.closeSocket(code, reason)
  }

  function say(type: MessageType, payload?: unknown): void {
    outlet.send(lane, '', JSON.stringify({ type, payload }), '')
  }

  /** A payload can be nested deeper than it can be written again: such a ping is answered without it. */
  function echo(payload: unknown): void {
    let text = JSON.stringify({ type: MessageType.Pong })
    try {
      text = JSON.stringify({ type: MessageType.Pong, payload })
    } catch {}
    outlet.send(lane, '', text, '')
  }

  async function initialise(given: Readonly<Record<string, unknown>> = {}): Promise<void> {
    if (parameters !== null) {
      close(CloseCode.TooManyInitialisationRequests, 'Too many initialisation requests')
      return
    }
    parameters = given
    clearTimeout(impatience)
    const arrived = await authenticator.visit(arrivalWith(given))
    // Gone while its token was verified: nobody would tell us again.
    if (isClosed) return
    leave = admission.asUser(arrived.caller)
    if (leave === null) {
      close(AGAIN_LATER, 'Too many connections')
      return
    }
    visit = createLastingVisit(arrived, authenticator, () => close(CloseCode.Forbidden, 'Forbidden'))
    say(MessageType.ConnectionAck)
  }

  /** A ping with a token renews the visit: running operations go on with it. */
  async function renew(staying: LastingVisit, authorization: string): Promise<void> {
    await staying.renew(arrivalWith({ ...parameters, authorization }))
    if (isClosed) return
    for (const { execution } of operations.values()) execution?.renew(staying.caller)
    say(MessageType.Pong, { expiresAt: new Date(staying.expiresAt).toISOString() })
  }

  function subscribe(message: SubscribeMessage): void {
    const { id } = message
    if (visit === null) {
      close(CloseCode.Unauthorized, 'Unauthorized')
      return
    }
    if (operations.has(id)) {
      close(CloseCode.SubscriberAlreadyExists, 'Subscriber already exists')
      return
    }
    if (operations.size === OPERATIONS) {
      const error = engine.mask(new AppError('RATE_LIMITED', 'Too many operations on one socket'))
      outlet.send(lane, '', JSON.stringify({ id, type: MessageType.Error, payload: [error] }), '')
      return
    }
    const client = new SocketOperation({ id, outlet, onEnd: () => operations.delete(id), cutOff })
    const operation: Operation = { lane: client, execution: null }
    operations.set(id, operation)
    try {
      const request = toRequest(message.payload)
      const { caller } = visit
      const accepting = engine.accept(request, caller)
      const { variables } = request
      operation.execution = startExecution({ engine, subscriptions, accepting, variables, caller, client })
    } catch (error) {
      client.refuse([engine.mask(error)])
    }
  }

  function leaveOperation(id: string): void {
    const operation = operations.get(id)
    if (operation === undefined) return
    operations.delete(id)
    operation.lane.isClosed = true
    operation.execution?.leave()
  }

  function cutOff(): void {
    doorConsumersCut.inc()
    close(TOO_SLOW, 'Too slow: connect again to resume')
  }

  function refuse(error: unknown): void {
    const isAway = error instanceof AppError && error.code === 'UNAVAILABLE'
    // Clients take 4403 as "get a new token", which helps nobody while good tokens cannot be told from bad ones.
    if (isAway) close(AGAIN_LATER, 'Try again later')
    else close(CloseCode.Forbidden, 'Forbidden')
  }

  function take(message: Message): void {
    switch (message.type) {
      case MessageType.ConnectionInit:
        initialise(message.payload).catch(refuse)
        return
      case MessageType.Ping: {
        const { authorization } = message.payload ?? {}
        if (visit === null || typeof authorization !== 'string') echo(message.payload)
        else renew(visit, authorization).catch(refuse)
        return
      }
      case MessageType.Pong:
        return
      case MessageType.Subscribe:
        subscribe(message)
        return
      case MessageType.Complete:
        leaveOperation(message.id)
        return
      default:
        close(CloseCode.BadRequest, 'Invalid message received')
    }
  }

  return {
    receive(text) {
      if (isClosed) return
      // The socket's emitter calls this: what left it would end the process.
      try {
        take(parseMessage(text))
      } catch {
        close(CloseCode.BadRequest, 'Invalid message received')
      }
    },
    wake() {
      for (const { execution } of operations.values()) execution?.wake()
    },
    cutOff,
    close,
  }
}
