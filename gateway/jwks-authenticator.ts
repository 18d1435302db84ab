import { createLocalJWKSet, createRemoteJWKSet, errors, type JSONWebKeySet, jwtVerify } from 'jose'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { AppError } from '#shared/errors.ts'
import { anonymous } from '#shared/identity.ts'
import { type Authenticator, bearerOf, type Visit } from './authenticator.ts'
import { type Arrival, CREDENTIALS, type Rights } from './caller.ts'

export interface JwksOptions {
  /** The keys themselves or where they are published; null when nobody is to be told from anybody. */
  keys: JSONWebKeySet | URL | null
  issuer?: string | undefined
  audience?: string | undefined
  /** Names of request headers that rooms get to see, in lower case. */
  forwarded: readonly string[]
}

const ASYMMETRIC = ['EdDSA', 'ES256', 'ES384', 'ES512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']

const claimsSchema = z.object({
  sub: z.string().optional(),
  exp: z.number(),
  /** RFC 8693: names apart by spaces. */
  scope: z.string().optional(),
  policies: z.array(z.string()).optional(),
})

interface Account {
  userId: string | null
  rights: Rights
  expiresAt: number
}

/** Tells callers apart by tokens of whoever publishes the keys. Rooms get the headers they are meant to, as the client sent them. */
export function createJwksAuthenticator({ keys, issuer, audience, forwarded }: JwksOptions): Authenticator {
  const keySet =
    keys === null ? null : keys instanceof URL ? createRemoteJWKSet(keys) : createLocalJWKSet(keys)
  const accounts = new LRUCache<string, Account>({ max: 10_000 })
  const nobody = anonymous(null)

  async function verify(token: string): Promise<Account> {
    const known = accounts.get(token)
    if (known !== undefined) return known
    if (keySet === null) throw new Error('There are no keys')
    const { payload } = await jwtVerify(token, keySet, {
      algorithms: ASYMMETRIC,
      ...(issuer !== undefined && { issuer }),
      ...(audience !== undefined && { audience }),
    })
    const { sub = null, exp, scope = '', policies = [] } = claimsSchema.parse(payload)
    const rights = { scopes: new Set(scope.split(' ').filter(Boolean)), policies: new Set(policies) }
    const account = { userId: sub, rights, expiresAt: exp * 1_000 }
    accounts.set(token, account, { ttl: Math.max(1, account.expiresAt - Date.now()) })
    return account
  }

  function visitOf(arrival: Arrival, account: Account | null): Visit {
    const { address } = arrival
    const headers: Record<string, string> = {}
    let [key, view] = ['', '']
    for (const name of forwarded) {
      const value = arrival.headers[name]
      if (value === undefined) continue
      headers[name] = String(value)
      // As JSON, or a value that says it is another header's as well would be taken for both.
      const header = `${name}:${JSON.stringify(headers[name])}`
      key += header
      if (!CREDENTIALS.has(name)) view += header
    }
    if (account === null) {
      return {
        caller: { identity: nobody, headers, key, view, rights: null, address },
        expiresAt: Number.POSITIVE_INFINITY,
      }
    }
    const { userId, rights, expiresAt } = account
    const whole = `${JSON.stringify(userId)}${key}`
    const identity = { ...nobody, userId }
    return { caller: { identity, headers, key: whole, view, rights, address }, expiresAt }
  }

  return {
    async visit(arrival) {
      const token = keySet === null ? undefined : bearerOf(arrival)
      if (token === undefined) return visitOf(arrival, null)
      const account = await verify(token).catch((error: unknown) => {
        if (!isVerdict(error)) throw new AppError('UNAVAILABLE', 'Access tokens cannot be verified now')
        return null
      })
      if (account === null || account.expiresAt <= Date.now())
        throw new AppError('UNAUTHENTICATED', 'The access token is not good')
      return visitOf(arrival, account)
    },
    onSessionEnd: () => () => undefined,
    isReady: () => true,
    start: async () => undefined,
    stop: () => undefined,
  }
}

/** What says something of the token, and not of the one who publishes the keys: a client told UNAUTHENTICATED would sign out. */
function isVerdict(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return false
  return (
    (error instanceof errors.JOSEError && error.code !== 'ERR_JOSE_GENERIC') || error instanceof z.ZodError
  )
}
