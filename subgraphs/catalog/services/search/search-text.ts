import { AppError } from '#shared/errors.ts'

const MAX_CHARACTERS = 200

/** What somebody typed, trimmed: 1-200 characters, or BAD_USER_INPUT. Control characters, NUL among them, are spaces. */
export function readSearchText(text: string): string {
  const trimmed = text.replace(/\p{Cc}/gu, ' ').trim()
  // Characters as people count them are at most as many as UTF-16 units: the long way is for near misses alone.
  const length = trimmed.length <= MAX_CHARACTERS ? trimmed.length : [...trimmed].length
  if (length < 1 || length > MAX_CHARACTERS)
    throw new AppError(
      'BAD_USER_INPUT',
      `The text to search for has 1 to ${MAX_CHARACTERS} characters, not ${length}`,
    )
  return trimmed
}

/** A count within `1..max`, or `otherwise` if left out; anything else is BAD_USER_INPUT. */
export function readCount(first: number | null | undefined, otherwise: number, max: number): number {
  const count = first ?? otherwise
  if (count < 1 || count > max)
    throw new AppError('BAD_USER_INPUT', `first must be from 1 to ${max}, not ${count}`)
  return count
}
