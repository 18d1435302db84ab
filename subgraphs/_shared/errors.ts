import { GraphQLError } from 'graphql'

/** Every `extensions.code` a client can meet, what it means and the HTTP status it deserves. README.md lists the same table. */
export const ERROR_CODES = {
  UNAUTHENTICATED: { status: 401, meaning: 'No token, or one that is forged, expired or revoked' },
  FORBIDDEN: { status: 403, meaning: 'Known to us, but not allowed to do this' },
  NOT_FOUND: { status: 404, meaning: 'Missing, or not visible to you: the two look the same' },
  BAD_USER_INPUT: { status: 400, meaning: 'An argument is outside what the schema documents' },
  RATE_LIMITED: { status: 429, meaning: 'Too many at once: try again after the time named' },
  QUERY_TOO_COMPLEX: { status: 400, meaning: 'The document is larger or deeper than the door accepts' },
  GRAPHQL_PARSE_FAILED: { status: 400, meaning: 'Not a GraphQL document' },
  GRAPHQL_VALIDATION_FAILED: { status: 400, meaning: 'The document does not fit the schema' },
  PERSISTED_QUERY_NOT_FOUND: { status: 404, meaning: 'Send the whole document with its hash once' },
  UNAVAILABLE: { status: 503, meaning: 'A room or its database is away: safe to retry' },
  TIMEOUT: { status: 504, meaning: 'A room did not answer in time' },
  INTERNAL_SERVER_ERROR: { status: 500, meaning: 'Our fault; the log id in the message finds it' },
} as const

export type ErrorCode = keyof typeof ERROR_CODES

/** A fault a client may see as it is: top-level `errors` with `extensions.code`. Everything else is masked at the edge. */
export class AppError extends GraphQLError {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string) {
    super(message, { extensions: { code } })
    this.name = 'AppError'
    this.code = code
  }
}

/** `UserErrorCode` of the schema: outcomes a client is expected to handle, answered in `userErrors`. */
export type UserErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'BAD_USER_INPUT'
  | 'CONFLICT'
  | 'LIMIT_REACHED'
  | 'EMAIL_TAKEN'
  | 'PASSWORD_WEAK'
  | 'COUNTRY_UNKNOWN'
  | 'CREDENTIALS_WRONG'
  | 'TOKEN_EXPIRED'
  | 'TOKEN_REUSED'
  | 'ITEM_GONE'
  | 'DUPLICATE'
  | 'NONCE_REUSED'
  | 'TIER'

export interface UserError {
  code: UserErrorCode
  message: string
  field: string[] | null
}

/** Thrown by a service to refuse; the transaction around it rolls back, so a refusal changes nothing. */
export class Refusal extends Error {
  readonly code: UserErrorCode
  readonly field: string[] | null

  constructor(code: UserErrorCode, message: string, field: string[] | null = null) {
    super(message)
    this.name = 'Refusal'
    this.code = code
    this.field = field
  }
}

/**
 * A mutation's payload: what `work` returns with no `userErrors`, or `empty` with the refusal.
 * Anything but a Refusal is a fault and passes through.
 */
export async function payload<Empty extends object, Filled extends object>(
  empty: Empty,
  work: () => Promise<Filled>,
): Promise<(Empty | Filled) & { userErrors: UserError[] }> {
  try {
    return { ...(await work()), userErrors: [] }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { ...empty, userErrors: [{ code: error.code, message: error.message, field: error.field }] }
  }
}
