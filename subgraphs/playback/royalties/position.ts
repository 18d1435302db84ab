import type { z } from 'zod'
import type { Page } from '#shared/connection.ts'
import { AppError } from '#shared/errors.ts'

/** Where a page starts, as the cursor of this list has it; null for the first page, and BAD_USER_INPUT for a cursor of another list. */
export function readPosition<Position>({ after }: Page, schema: z.ZodType<Position>): Position | null {
  if (after === null) return null
  const position = schema.safeParse(after)
  if (!position.success) throw new AppError('BAD_USER_INPUT', 'This cursor is not one of this list')
  return position.data
}
