import type { GraphQLFormattedError } from 'graphql'
import type { Trace } from './trace.ts'

/** The two media types an answer may have; which one decides what its status may say. */
export type AnswerType = 'application/graphql-response+json' | 'application/json'

const NEW: AnswerType = 'application/graphql-response+json'
const OLD: AnswerType = 'application/json'

/**
 * What the client accepts of ours, by its own preference; null when it accepts neither. A client that says nothing, or takes
 * anything, gets application/json: older ones know no other.
 */
export function negotiate(accept: string | undefined): AnswerType | null {
  if (accept === undefined || accept.trim() === '') return OLD
  const ranges = accept
    .split(',')
    .map((range, order) => {
      const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
      const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1)
      const isUtf8 = parameters.every(
        (parameter) => !parameter.startsWith('charset=') || /^charset="?utf-8"?$/.test(parameter),
      )
      return { type, quality: isUtf8 ? quality : 0, order }
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality || a.order - b.order)
  for (const { type } of ranges) {
    if (type === NEW) return NEW
    if (type === OLD || type === '*/*' || type === 'application/*') return OLD
  }
  return null
}

/**
 * The status of an answer in `type`. The older media type says 200 to everything that was well-formed enough to have been
 * understood as GraphQL; the newer one says 400 when nothing was executed. Either says 429 when it was too soon.
 */
export function statusOf(type: AnswerType, answer: Said): number {
  if (answer.data !== undefined) return 200
  if (retryAfterOf(answer) !== undefined) return 429
  return type === OLD ? 200 : 400
}

/** In how many seconds a request that came too soon may be sent again. */
export function retryAfterOf({ data, errors }: Said): number | undefined {
  const retryAfter = data === undefined ? errors[0]?.extensions?.['retryAfter'] : undefined
  return typeof retryAfter === 'number' ? retryAfter : undefined
}

interface Said {
  data: string | null | undefined
  errors: readonly GraphQLFormattedError[]
}

/** The answer's text. `data` is JSON text already, null when it bubbled to the root, undefined when nothing was executed. */
export function printAnswer(
  data: string | null | undefined,
  errors: readonly GraphQLFormattedError[],
  trace?: Trace,
): string {
  const parts = []
  if (errors.length > 0) parts.push(`"errors":${JSON.stringify(errors)}`)
  if (data !== undefined) parts.push(`"data":${data}`)
  if (trace !== undefined) parts.push(`"extensions":${JSON.stringify({ cadenza: trace })}`)
  return `{${parts.join(',')}}`
}
