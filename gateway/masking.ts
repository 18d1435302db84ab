import type { GraphQLFormattedError } from 'graphql'
import type { Logger } from 'pino'
import { ERROR_CODES } from '#shared/errors.ts'
import { maskError } from '#shared/masking.ts'

/** Codes of Apollo's that say in their own words what ours say. */
const TRANSLATED: Record<string, string> = {
  BAD_REQUEST: 'BAD_USER_INPUT',
  OPERATION_RESOLUTION_FAILURE: 'BAD_USER_INPUT',
  PERSISTED_QUERY_NOT_SUPPORTED: 'PERSISTED_QUERY_NOT_FOUND',
}

/**
 * What of an error may leave the door. A room has masked its own errors already: those keep message and log id, and lose
 * whatever else the executor hung on them (service names, addresses). Anything unexpected is masked here.
 */
export function maskAtDoor(
  formatted: GraphQLFormattedError,
  error: unknown,
  logger: Logger,
): GraphQLFormattedError {
  const given = String(formatted.extensions?.['code'] ?? '')
  const code = TRANSLATED[given] ?? given
  const logId = formatted.extensions?.['logId']
  const isFromRoom = typeof logId === 'string'
  if (!isFromRoom && (code === 'INTERNAL_SERVER_ERROR' || !Object.hasOwn(ERROR_CODES, code))) {
    return maskError(formatted, error, logger)
  }
  const { message, locations, path } = formatted
  const retryAfter = formatted.extensions?.['retryAfter']
  return {
    message: message.slice(0, 200),
    ...(locations && { locations }),
    ...(path && { path }),
    extensions: {
      code,
      ...(isFromRoom && { logId }),
      ...(code === 'RATE_LIMITED' && typeof retryAfter === 'number' && { retryAfter }),
    },
  }
}
