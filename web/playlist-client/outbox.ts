import type { Client, SubscribePayload } from 'graphql-ws'
import { createBackoff } from './backoff.ts'
import { faultOf } from './fault.ts'
import type { Answer, Payload } from './outcome.ts'

/** All that is needed of graphql-ws. */
export type Transport = Pick<Client, 'subscribe'>

/** An edit that waits to be sent. */
export interface Letter {
  /** Made at the last moment: by then the edits before it have told the ids of what they added. Null: there is nothing to send. */
  write(): SubscribePayload | null
  /** Called once: with the payload of the mutation, or why there is none. */
  settle(answer: Answer): void
}

export interface Outbox {
  post(letter: Letter): void
  /** Settles what waits as CLOSED. What is on its way may still happen. */
  close(): void
}

/** An edit that the server stumbles over each time would keep the others waiting for ever. */
const STUMBLES = 5
const CLOSED = refusal('CLOSED', 'The playlist is not followed any more')
const NEVER_ADDED = refusal(
  'NEVER_ADDED',
  'All that it names was left out or refused when it was to be added',
)

/**
 * Sends letters one after the other, so that each finds what those before it did. One whose answer is lost is sent again as it was:
 * its nonce sees to it that it happens once.
 */
export function createOutbox(transport: Transport): Outbox {
  const backoff = createBackoff()
  const letters: Letter[] = []
  let leave = (): void => undefined
  let isBusy = false
  let isClosed = false

  function sendNext(): void {
    const [letter] = letters
    isBusy = letter !== undefined
    const request = letter?.write()
    if (letter !== undefined && request) send(letter, request, STUMBLES)
    else if (letter !== undefined) settle(letter, NEVER_ADDED)
  }

  function settle(letter: Letter, answer: Answer): void {
    backoff.reset()
    letters.shift()
    letter.settle(answer)
    if (!isClosed) sendNext()
  }

  function send(letter: Letter, request: SubscribePayload, stumbles: number): void {
    leave = ask(transport, request, (answer) => {
      const isPassing = 'fault' in answer && answer.fault.isPassing
      const left = isPassing && answer.fault.code === 'INTERNAL_SERVER_ERROR' ? stumbles - 1 : stumbles
      if (isPassing && left > 0) backoff.schedule(() => send(letter, request, left))
      else settle(letter, answer)
    })
  }

  return {
    post(letter) {
      if (isClosed) return letter.settle(CLOSED)
      letters.push(letter)
      if (!isBusy) sendNext()
    },
    close() {
      if (isClosed) return
      isClosed = true
      backoff.cancel()
      leave()
      for (const letter of letters.splice(0)) letter.settle(CLOSED)
    },
  }
}

/** Runs one operation over the socket; `onAnswer` is not called any more after the function it returns. */
function ask(
  transport: Transport,
  request: SubscribePayload,
  onAnswer: (answer: Answer) => void,
): () => void {
  let answer: Answer | null = null
  let isOver = false
  const end = (reason: unknown): void => {
    if (isOver) return
    isOver = true
    onAnswer(answer ?? { fault: faultOf(reason) })
  }
  const stop = transport.subscribe(request, {
    next({ data, errors }) {
      const payload = Object.values(data ?? {})[0] as Payload | null | undefined
      answer = payload == null ? { fault: faultOf(errors) } : { payload }
    },
    error: end,
    complete: () => end(null),
  })
  return () => {
    isOver = true
    stop()
  }
}

function refusal(code: string, message: string): Answer {
  return { fault: { code, message, isPassing: false } }
}
