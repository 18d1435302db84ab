import { createHash, createHmac, randomBytes } from 'node:crypto'

const SHAPE = /^rt_[\w-]{43}$/

/** Opaque refresh tokens: `rt_` and 32 bytes. What is kept of one is its hash. */
export interface RefreshTokens {
  create(): string
  /**
   * The token that follows: always the same for the same token, so that a repeated request can have the same answer though
   * the answer is kept nowhere. Takes the token itself and the installation's secret: with the database alone, or with the
   * secret and the database, nobody can tell.
   */
  successorOf(token: string): string
  /** What is kept of a token, or null for text that cannot be one. */
  hashOf(token: string): string | null
}

export function createRefreshTokens(secret: string): RefreshTokens {
  return {
    create: () => `rt_${randomBytes(32).toString('base64url')}`,
    successorOf: (token) => `rt_${createHmac('sha256', secret).update(token).digest('base64url')}`,
    hashOf: (token) => (SHAPE.test(token) ? createHash('sha256').update(token).digest('base64url') : null),
  }
}
