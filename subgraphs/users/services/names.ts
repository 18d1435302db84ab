import { Refusal } from '#shared/errors.ts'

const LONGEST = 100

/** A name of 1 to 100 characters without the spaces around it, or BAD_USER_INPUT for `field`. */
export function readName(text: string, what: string, field: string[]): string {
  // Normalising takes time by the square of what is sent, so what is far too long is not normalised first.
  const name = text.length > 4 * LONGEST ? text : text.trim().normalize('NFC')
  const length = [...name].length
  if (length < 1 || length > LONGEST)
    throw new Refusal('BAD_USER_INPUT', `${what} has 1 to ${LONGEST} characters`, field)
  // Neither a control character (PostgreSQL holds no NUL) nor half a character, and something to see.
  if (/[\p{Cc}\p{Cs}]/u.test(name) || !/[^\p{Z}\p{C}]/u.test(name))
    throw new Refusal('BAD_USER_INPUT', `${what} needs characters that can be seen`, field)
  return name
}
