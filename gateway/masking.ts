import type { ASTNode, GraphQLError, GraphQLFormattedError } from 'graphql'
import type { Logger } from 'pino'
import { ERROR_CODES } from '#shared/errors.ts'
import { maskError } from '#shared/masking.ts'

/** Codes of Apollo's that say in their own words what ours say. */
const TRANSLATED: Record<string, string> = {
  BAD_REQUEST: 'BAD_USER_INPUT',
  OPERATION_RESOLUTION_FAILURE: 'BAD_USER_INPUT',
  PERSISTED_QUERY_NOT_SUPPORTED: 'PERSISTED_QUERY_NOT_FOUND',
}

const MAX_MESSAGE = 200

/**
 * What GraphQL says of a document or of variables that do not fit, without names that only the schema knows: of what is asked for
 * wrongly, its own name stays, and what else stands in quotes goes. Guessing then teaches as much as was guessed.
 */
export function hideSchema({ message, nodes = [] }: GraphQLError): string {
  const named = new Set(nodes.map(nameOf))
  return message.replace(/"([^"]*)"/g, (quoted, name: string) => (named.has(name) ? quoted : '"…"'))
}

function nameOf(node: ASTNode): string {
  if (node.kind === 'VariableDefinition') return `$${node.variable.name.value}`
  return 'name' in node && node.name !== undefined ? node.name.value : ''
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
    message: message.slice(0, MAX_MESSAGE),
    ...(locations && { locations }),
    ...(path && { path }),
    extensions: {
      code,
      ...(isFromRoom && { logId }),
      ...(code === 'RATE_LIMITED' && typeof retryAfter === 'number' && { retryAfter }),
    },
  }
}
