import { Refusal } from '#shared/errors.ts'
import { isPlainText } from '#shared/text.ts'
import type { Details, Visibility } from '../models.ts'

const MAX_NAME = 200
const MAX_DESCRIPTION = 2_000

/** What a client may say about a list; in a change, what is left out stays. */
export interface DetailsInput {
  name?: string | null | undefined
  description?: string | null | undefined
  visibility?: Visibility | null | undefined
  collaborative?: boolean | null | undefined
}

/** `before` with what `input` says put in. A description of null or of blanks alone is none; other nulls count as left out. */
export function readDetails(input: DetailsInput, before: Details): Details {
  return {
    name: input.name == null ? before.name : readName(input.name),
    description: input.description === undefined ? before.description : readDescription(input.description),
    visibility: input.visibility ?? before.visibility,
    collaborative: input.collaborative ?? before.collaborative,
    coverId: before.coverId,
  }
}

/** 1-200 characters, blanks around them not counted, and something to see among them. */
export function readName(given: string): string {
  const name = given.trim()
  const isVisible = /[^\p{Z}\p{C}]/u.test(name)
  if (!isVisible || [...name].length > MAX_NAME || !isPlainText(name))
    throw new Refusal('BAD_USER_INPUT', `A name has 1 to ${MAX_NAME} characters, and some that can be seen`, [
      'name',
    ])
  return name
}

function readDescription(given: string | null): string | null {
  const description = given?.trim() ?? ''
  if ([...description].length > MAX_DESCRIPTION || !isPlainText(description))
    throw new Refusal('BAD_USER_INPUT', 'A description has at most 2,000 characters', ['description'])
  return description === '' ? null : description
}
