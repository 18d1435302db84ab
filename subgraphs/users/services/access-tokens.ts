import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose'
import { z } from 'zod'
import { readSecret } from '#shared/secrets.ts'
import type { AccountRow } from '../models.ts'

export interface AccessToken {
  accessToken: string
  accessTokenExpiresAt: Date
}

/** Signs who someone is for ten minutes. The claims are listed in this room's README. */
export interface AccessTokens {
  sign(account: AccountRow, sessionId: string, deviceId: string | null): Promise<AccessToken>
  /** The public keys of all tokens that may be alive: the text of a JSON Web Key Set. */
  readonly keySet: string
}

const LIFETIME_SECONDS = 600
const ALGORITHM = 'EdDSA'
const privateKey = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  d: z.string(),
  kid: z.string(),
})

/** The installation's Ed25519 key, made the first time; every process of the room signs with the same one. */
export async function createAccessTokens(home: string): Promise<AccessTokens> {
  const { d, ...publicKey } = privateKey.parse(JSON.parse(await readSecret(home, 'access-token.jwk', newKey)))
  const key = await importJWK({ ...publicKey, d }, ALGORITHM)

  return {
    keySet: JSON.stringify({ keys: [{ ...publicKey, alg: ALGORITHM, use: 'sig' }] }),

    async sign(account, sessionId, deviceId) {
      const issuedAt = Math.floor(Date.now() / 1_000)
      const { country, tier, role, artists, version } = account
      const accessToken = await new SignJWT({
        sid: sessionId,
        did: deviceId,
        country,
        tier,
        role,
        artists,
        ver: version,
      })
        .setProtectedHeader({ alg: ALGORITHM, typ: 'at+jwt', kid: publicKey.kid })
        .setIssuer('cadenza')
        .setAudience('cadenza')
        .setSubject(account.id)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + LIFETIME_SECONDS)
        .sign(key)
      return { accessToken, accessTokenExpiresAt: new Date((issuedAt + LIFETIME_SECONDS) * 1_000) }
    },
  }
}

async function newKey(): Promise<string> {
  const pair = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true })
  const jwk: JWK = await exportJWK(pair.privateKey)
  return JSON.stringify({ ...jwk, kid: await calculateJwkThumbprint(jwk) })
}
