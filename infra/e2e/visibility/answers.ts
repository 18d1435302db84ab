import type { Answer } from '../../testing/client.ts'
import type { Ids } from './cast.ts'

/** An answer as text in which nothing is left that is another each time: what is asked about by its type, times, cursors, log ids. */
export function comparable({ data, errors }: Pick<Answer, 'data' | 'errors'>, ids: Ids): string {
  let text = JSON.stringify({ data: data ?? null, errors })
  for (const [type, id] of Object.entries(ids)) text = text.replaceAll(id, `<${type}>`)
  return text
    .replaceAll(/"[a-z]+_[0-9A-Za-z]{22}"/g, '"<id>"')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/"[A-Za-z0-9_-]{16,}={0,2}"/g, '"<opaque>"')
    .replaceAll(/log id \w+/g, '<log>')
}

/** Whether an answer says any of `marks`, plainly or inside something encoded. */
export function says(answer: unknown, marks: readonly string[]): boolean {
  const text = JSON.stringify(answer ?? null)
  const decoded = [...text.matchAll(/"([A-Za-z0-9_-]{16,}={0,2})"/g)].map(([, code]) =>
    Buffer.from(code ?? '', 'base64url').toString('latin1'),
  )
  return [text, ...decoded].some((one) => marks.some((mark) => one.includes(mark)))
}

/** Answers to questions that ought never to have been asked: they would prove nothing. */
export function isUnasked({ errors }: Pick<Answer, 'errors'>): boolean {
  return errors.some(({ extensions: { code } }) => UNASKED.has(code))
}

const UNASKED = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'QUERY_TOO_COMPLEX',
  'RATE_LIMITED',
  'TIMEOUT',
  'UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
])
