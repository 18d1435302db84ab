import { randomUUID } from 'node:crypto'
import { unwrapResolverError } from '@apollo/server/errors'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import type { Logger } from 'pino'
import { ERROR_CODES } from './errors.ts'

const MAX_MESSAGE = 200

/**
 * What of an error may leave the process: message, path, place and one of our codes. A deliberate GraphQLError passes;
 * anything else becomes INTERNAL_SERVER_ERROR with an id under which the log holds the whole of it.
 */
export function maskError(
  formatted: GraphQLFormattedError,
  error: unknown,
  logger: Logger,
): GraphQLFormattedError {
  const { message, path, locations } = formatted
  const where = { ...(locations && { locations }), ...(path && { path }) }
  const given = formatted.extensions?.['code']
  const cause = unwrapResolverError(error)
  const isDeliberate = cause instanceof GraphQLError && cause.originalError === undefined
  if (isDeliberate || isClientFault(given)) {
    const code = typeof given === 'string' && Object.hasOwn(ERROR_CODES, given) ? given : 'BAD_USER_INPUT'
    return { message: message.slice(0, MAX_MESSAGE), ...where, extensions: { code } }
  }
  const logId = randomUUID().slice(0, 8)
  logger.error({ err: cause, logId, path }, 'unexpected error')
  return {
    message: `Unexpected error (log id ${logId})`,
    ...where,
    extensions: { code: 'INTERNAL_SERVER_ERROR', logId },
  }
}

function isClientFault(code: unknown): boolean {
  return (
    code === 'GRAPHQL_PARSE_FAILED' ||
    code === 'GRAPHQL_VALIDATION_FAILED' ||
    code === 'BAD_USER_INPUT' ||
    code === 'OPERATION_RESOLUTION_FAILURE' ||
    code === 'BAD_REQUEST'
  )
}
