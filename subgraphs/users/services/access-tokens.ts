import { SignJWT } from 'jose'
import type { AccountRow } from '../models.ts'
import { readSigningKey, SIGNING_ALGORITHM } from './signing-key.ts'

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

/** The installation's Ed25519 key, made the first time; every process of the room signs with the same one. */
export async function createAccessTokens(home: string): Promise<AccessTokens> {
  const { key, kid, keySet } = await readSigningKey(home, 'access-token.jwk')

  return {
    keySet,

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
        .setProtectedHeader({ alg: SIGNING_ALGORITHM, typ: 'at+jwt', kid })
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
