import type { StopSignal } from '#shared/room.ts'
import type { Caller, Rights } from '../caller.ts'
import { doorAnswers } from '../telemetry.ts'
import type { Trace } from '../trace.ts'
import type { CachePolicy } from './cache-policy.ts'
import type { Changes } from './changes.ts'
import { createInFlight, type Era } from './in-flight.ts'
import type { Shelf } from './shelf.ts'

/** A query, as it is told from others. */
export interface Asked {
  /** Equal operations are the same object. */
  operation: { readonly cachePolicy: CachePolicy }
  variables: Readonly<Record<string, unknown>>
  caller: Caller
  signal: StopSignal
  trace: Trace | undefined
}

/** Whole answers to queries: those that are kept, and those that are being made. */
export interface Answers<Answer> {
  /** A kept answer, else the one that is being made for the same caller, else what `execute` makes. It is only to be read. */
  give(asked: Asked, execute: (signal: StopSignal) => Promise<Answer>): Promise<Answer>
}

/** What of an answer decides whether it is kept: `data` is JSON text. */
export interface Outcome {
  readonly data: string | null | undefined
  readonly errors: readonly unknown[]
}

export interface AnswersOptions<Answer> {
  /** Whether identical queries that are under way share one execution. */
  isShared: boolean
  /** Where answers are kept; null where they are not. */
  shelf: Shelf<Answer> | null
  changes: Changes
  era: Era
}

export function createAnswers<Answer extends Outcome>(options: AnswersOptions<Answer>): Answers<Answer> {
  const { isShared, shelf, changes } = options
  const flights = createInFlight<Answer>(options.era)
  const numbers = new WeakMap<object, number>()
  let lastNumber = 0

  const numberOf = (operation: object): number => {
    let number = numbers.get(operation)
    if (number === undefined) {
      number = ++lastNumber
      numbers.set(operation, number)
    }
    return number
  }

  const fly = (
    asked: Asked,
    question: string,
    execute: (signal: StopSignal) => Promise<Answer>,
  ): Promise<Answer> => {
    const owner = ownerOf(asked.caller)
    const flight = isShared ? flights.find(owner, question) : undefined
    tell(asked, flight === undefined ? 'executed' : 'shared')
    if (flight !== undefined) return flight.join(asked.signal)
    return isShared ? flights.begin(owner, question, asked.signal, execute) : execute(asked.signal)
  }

  return {
    give(asked, execute) {
      const { operation, variables, caller } = asked
      const { maxAge, scope, types } = operation.cachePolicy
      const isKept = shelf !== null && maxAge > 0
      if (!isKept && !isShared) {
        tell(asked, 'executed')
        return execute(asked.signal)
      }
      const question = `${numberOf(operation)} ${JSON.stringify(variables)}`
      if (!isKept) return fly(asked, question, execute)

      const subject = `${question}\n${scope === 'PUBLIC' ? `all ${caller.view}` : `one ${ownerOf(caller)}`}`
      const known = shelf.get(subject, WHOLE)
      if (known !== undefined) {
        tell(asked, 'cached')
        return Promise.resolve(known)
      }
      const asOf = changes.now()
      return fly(asked, question, async (signal) => {
        const answer = await execute(signal)
        if (answer.errors.length > 0 || typeof answer.data !== 'string') return answer
        const about = scope === 'PUBLIC' ? [...types] : [...types, callerName(caller)]
        const bytes = answer.data.length * BYTES_A_CHARACTER
        shelf.put(subject, WHOLE, answer, { seconds: maxAge, bytes, about, asOf })
        return answer
      })
    },
  }
}

/** An answer has one aspect. */
const WHOLE = ''

/** At most two in the text, and one in the bytes that go out. */
const BYTES_A_CHARACTER = 3

function tell({ trace }: Asked, from: Trace['answer']): void {
  doorAnswers.inc({ from })
  if (trace) trace.answer = from
}

/**
 * Under which name a caller's changes are known: what is kept for them is about themselves. A person's are known in all of
 * their sessions.
 */
export function callerName(caller: Caller): string {
  const { userId } = caller.identity
  return userId === null ? `caller ${ownerOf(caller)}` : `user ${userId}`
}

/**
 * Equal for callers who get the same answers: no room can tell them apart, and the door gives them the same rights. The first
 * line end separates the two, for JSON text has none.
 */
function ownerOf({ key, rights }: Caller): string {
  return rights === null ? `\n${key}` : `${textOf(rights)}\n${key}`
}

const texts = new WeakMap<Rights, string>()

function textOf(rights: Rights): string {
  let text = texts.get(rights)
  if (text === undefined) {
    text = JSON.stringify([[...rights.scopes].sort(), [...rights.policies].sort()])
    texts.set(rights, text)
  }
  return text
}
