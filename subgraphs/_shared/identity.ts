import { hkdfSync } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { AppError } from './errors.ts'

/** Who asks. Anonymous visitors have no user; the country then is the network's. */
export const identitySchema = z.object({
  userId: z.string().nullable(),
  deviceId: z.string().nullable(),
  sessionId: z.string().nullable(),
  country: z.string().nullable(),
  tier: z.enum(['FREE', 'PREMIUM']).nullable(),
  role: z.enum(['LISTENER', 'ADMIN']),
  artists: z.array(z.string()),
  /** The account's version when the access token was signed: a room that knows a higher one believes its own copy. */
  version: z.number().int(),
})

export type Identity = Readonly<z.infer<typeof identitySchema>>
export type SignedIn = Identity & { readonly userId: string }

export function anonymous(country: string | null): Identity {
  return {
    userId: null,
    deviceId: null,
    sessionId: null,
    country,
    tier: null,
    role: 'LISTENER',
    artists: [],
    version: 0,
  }
}

/** The signed-in identity, or UNAUTHENTICATED: the first line of every verb that needs a person. */
export function requireUser(identity: Identity): SignedIn {
  const { userId } = identity
  if (userId === null) throw new AppError('UNAUTHENTICATED', 'Sign in first')
  return { ...identity, userId }
}

const ISSUER = 'cadenza-door'
const LIFETIME_SECONDS = 60
const CLOCK_TOLERANCE_SECONDS = 5

/** Signs and checks the token between door and room: HS256, 60 s, one key a room so that no room can speak to another. */
export interface InternalTokens {
  sign(identity: Identity, room: string): Promise<string>
  verify(token: string, room: string): Promise<Identity>
}

export function createInternalTokens(secret: string): InternalTokens {
  const keys = new Map<string, Uint8Array>()
  const keyOf = (room: string): Uint8Array => {
    const known = keys.get(room)
    if (known !== undefined) return known
    const derived = new Uint8Array(hkdfSync('sha256', secret, 'cadenza', `room:${room}`, 32))
    keys.set(room, derived)
    return derived
  }
  // Half the life of a token: what comes from here is good for 30 s at least.
  const signed = new LRUCache<string, string>({ max: 1_000, ttl: (LIFETIME_SECONDS * 1_000) / 2 })
  // The door sends a token many times. Kept under room and whole token, signature and all, until it expires.
  const verified = new LRUCache<string, { identity: Identity; expiresAt: number }>({ max: 1_000 })

  return {
    async sign(identity, room) {
      const cacheKey = `${room} ${JSON.stringify(identity)}`
      const known = signed.get(cacheKey)
      if (known !== undefined) return known
      const token = await new SignJWT({ identity })
        .setProtectedHeader({ alg: 'HS256', typ: 'internal+jwt' })
        .setIssuer(ISSUER)
        .setAudience(room)
        .setIssuedAt()
        .setExpirationTime(`${LIFETIME_SECONDS}s`)
        .sign(keyOf(room))
      signed.set(cacheKey, token)
      return token
    },

    async verify(token, room) {
      const cacheKey = `${room} ${token}`
      const known = verified.get(cacheKey)
      if (known !== undefined && Date.now() < known.expiresAt) return known.identity
      try {
        const options = {
          algorithms: ['HS256'],
          typ: 'internal+jwt',
          issuer: ISSUER,
          audience: room,
          requiredClaims: ['exp'],
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
        }
        const { payload } = await jwtVerify(token, keyOf(room), options)
        const identity = identitySchema.parse(payload['identity'])
        const expiresAt = (Number(payload.exp) + CLOCK_TOLERANCE_SECONDS) * 1_000
        verified.set(cacheKey, { identity, expiresAt })
        return identity
      } catch {
        throw new AppError('UNAUTHENTICATED', 'This room answers the door alone')
      }
    },
  }
}
