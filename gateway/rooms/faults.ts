import { AppError, type ErrorCode } from '#shared/errors.ts'
import type { StopSignal } from '#shared/room.ts'

/** The room cannot be reached, or is left alone because it could not be. */
export function away(room: string, cause?: unknown): AppError {
  return fault('UNAVAILABLE', `The ${room} room is away`, cause)
}

export function late(room: string): AppError {
  return new AppError('TIMEOUT', `The ${room} room did not answer in time`)
}

/** More calls wait for the room than are kept waiting. */
export function busy(room: string): AppError {
  return new AppError('UNAVAILABLE', `The ${room} room is busy`)
}

/** What came is not an answer to a GraphQL request. */
export function unreadable(room: string, cause?: unknown): AppError {
  return fault('UNAVAILABLE', `The ${room} room answered what cannot be read`, cause)
}

export function fault(code: ErrorCode, message: string, cause?: unknown): AppError {
  const error = new AppError(code, message)
  if (cause !== undefined) error.cause = cause
  return error
}

/** How a call ended that failed with `error`. */
export function outcomeOf(
  error: unknown,
  signal: StopSignal | undefined,
): 'late' | 'left' | 'away' | 'unfit' {
  if (signal?.aborted) return 'left'
  if (!(error instanceof AppError)) return 'away'
  return error.code === 'TIMEOUT' ? 'late' : error.code === 'UNAVAILABLE' ? 'away' : 'unfit'
}
