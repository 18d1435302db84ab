import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from 'jose'
import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import { z } from 'zod'
import { AppError } from '#shared/errors.ts'
import { anonymous, type Identity } from '#shared/identity.ts'
import type { Room } from '#shared/room.ts'
import { type Authenticator, bearerOf, type Visit } from './authenticator.ts'
import type { Arrival, Caller } from './caller.ts'

const claimsSchema = z.object({
  sub: z.string(),
  sid: z.string(),
  did: z.string().nullable(),
  country: z.string(),
  tier: z.enum(['FREE', 'PREMIUM']),
  role: z.enum(['LISTENER', 'ADMIN']),
  artists: z.array(z.string()),
  ver: z.number().int(),
  exp: z.number(),
})

const OPTIONS = {
  algorithms: ['EdDSA'],
  typ: 'at+jwt',
  issuer: 'cadenza',
  audience: 'cadenza',
  clockTolerance: 0,
}
const TOKEN_LIFE_MS = 10 * 60_000
const POLL_MS = 500
const OVERLAP_MS = 5_000
const KEYS_AGAIN_MS = 60_000

/**
 * Verifies access tokens with the public keys of the users room and knows which sessions ended less than a token's life ago.
 * With the users room away, tokens signed by known keys keep working: a listener must not be logged out by an outage.
 */
export function createAccountAuthenticator(
  users: Room,
  defaultCountry: string,
  logger: Logger,
): Authenticator {
  const visits = new LRUCache<string, Account>({ max: 10_000 })
  const ended = new Map<string, number>()
  const listeners = new Map<string, Set<() => void>>()
  const nobody = anonymous(defaultCountry)
  let keys: ReturnType<typeof createLocalJWKSet> | null = null
  let keysReadAt = 0
  let since = Date.now() - TOKEN_LIFE_MS - OVERLAP_MS
  let timer: NodeJS.Timeout | null = null

  async function readKeys(): Promise<void> {
    const { data, errors: faults } = await users.execute({ query: '{ accessTokenKeys }', identity: nobody })
    const text = data?.['accessTokenKeys']
    // An outage, not a bad token: a client told UNAUTHENTICATED would sign out.
    if (typeof text !== 'string')
      throw new AppError('UNAVAILABLE', faults?.[0]?.message ?? 'The users room is away')
    keys = createLocalJWKSet(JSON.parse(text) as JSONWebKeySet)
    keysReadAt = Date.now()
  }

  async function readEndedSessions(): Promise<void> {
    const query = 'query Ended($since: DateTime!) { sessionsEnded(since: $since) { sessionId at } }'
    const variables = { since: new Date(since - OVERLAP_MS).toISOString() }
    const { data } = await users.execute({ query, variables, identity: nobody })
    const rows = endedSchema.parse(data?.['sessionsEnded'])
    for (const { sessionId, at } of rows) {
      since = Math.max(since, at.getTime())
      if (ended.has(sessionId)) continue
      ended.set(sessionId, at.getTime())
      for (const callback of listeners.get(sessionId) ?? []) callback()
    }
    const forgotten = Date.now() - TOKEN_LIFE_MS - 2 * OVERLAP_MS
    for (const [sessionId, at] of ended) if (at < forgotten) ended.delete(sessionId)
  }

  async function poll(): Promise<void> {
    try {
      if (keys === null) await readKeys()
      await readEndedSessions()
    } catch (error) {
      logger.debug({ err: error }, 'the users room does not answer the door')
    }
    if (timer !== null) timer = setTimeout(poll, POLL_MS).unref()
  }

  function visitOfNobody({ address, country }: Arrival): Visit {
    const identity = country === null ? nobody : anonymous(country)
    const caller: Caller = {
      identity,
      address,
      key: `anonymous ${identity.country}`,
      view: viewOf(identity),
      headers: {},
      rights: null,
    }
    return { caller, expiresAt: Number.POSITIVE_INFINITY }
  }

  async function verify(token: string): Promise<Account> {
    const known = visits.get(token)
    if (known !== undefined) return known
    if (keys === null) throw new AppError('UNAVAILABLE', 'The users room is away')
    const { payload } = await jwtVerify(token, keys, OPTIONS).catch(async (error: unknown) => {
      const isKeyNew = error instanceof errors.JWKSNoMatchingKey && Date.now() - keysReadAt > KEYS_AGAIN_MS
      if (!isKeyNew || keys === null) throw error
      await readKeys()
      return jwtVerify(token, keys, OPTIONS)
    })
    const { sub, sid, did, country: home, tier, role, artists, ver, exp } = claimsSchema.parse(payload)
    const identity = {
      userId: sub,
      sessionId: sid,
      deviceId: did,
      country: home,
      tier,
      role,
      artists,
      version: ver,
    }
    const account = { identity, key: JSON.stringify(identity), expiresAt: exp * 1_000 }
    visits.set(token, account, { ttl: Math.max(1, account.expiresAt - Date.now()) })
    return account
  }

  return {
    async visit(arrival) {
      const token = bearerOf(arrival)
      if (token === undefined) return visitOfNobody(arrival)
      const { identity, key, expiresAt } = await verify(token).catch((error: unknown) => {
        throw error instanceof AppError
          ? error
          : new AppError('UNAUTHENTICATED', 'The access token is not good: sign in or refresh')
      })
      const isOver = expiresAt <= Date.now() || ended.has(identity.sessionId ?? '')
      if (isOver)
        throw new AppError('UNAUTHENTICATED', 'The access token is no longer good: sign in or refresh')
      const { address } = arrival
      const view = viewOf(identity)
      return { caller: { identity, key, view, address, headers: {}, rights: NO_SCOPES }, expiresAt }
    },

    onSessionEnd({ identity: { sessionId } }, callback) {
      if (sessionId === null) return () => undefined
      const own = listeners.get(sessionId) ?? new Set()
      listeners.set(sessionId, own.add(callback))
      // It may have ended since the visit. Not before this has returned: whoever listens may not be ready to hear.
      if (ended.has(sessionId)) queueMicrotask(() => own.has(callback) && callback())
      return () => {
        own.delete(callback)
        if (own.size === 0 && listeners.get(sessionId) === own) listeners.delete(sessionId)
      }
    },

    isReady: () => keys !== null,
    async start() {
      timer = setTimeout(() => undefined, 0)
      await poll()
    },
    stop() {
      if (timer !== null) clearTimeout(timer)
      timer = null
    },
  }
}

/** What a good token says, remembered until it expires. */
interface Account {
  identity: Identity
  key: string
  expiresAt: number
}

/** What is public may be another thing in another country. */
function viewOf({ country }: Identity): string {
  return country ?? ''
}

const NO_SCOPES = { scopes: new Set<string>(), policies: new Set<string>() }

const endedSchema = z.array(z.object({ sessionId: z.string(), at: z.coerce.date() }))
