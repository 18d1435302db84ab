import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { Room, RoomRequest } from '#shared/room.ts'

/** The users room as the authenticator knows it: keys and ended sessions, with real signatures. */
export interface FakeUsers extends Room {
  sign(
    claims?: Record<string, unknown>,
    header?: Record<string, unknown>,
    lifeSeconds?: number,
  ): Promise<string>
  end(sessionId: string): void
  seen: RoomRequest[]
}

export async function createFakeUsers(): Promise<FakeUsers> {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  const keys = JSON.stringify({
    keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'EdDSA', use: 'sig' }],
  })
  const ended: { sessionId: string; at: string }[] = []
  const seen: RoomRequest[] = []
  return {
    name: 'users',
    seen,
    async execute(request) {
      seen.push(request)
      if (request.query.includes('accessTokenKeys')) return { data: { accessTokenKeys: keys } }
      if (request.query.includes('sessionsEnded')) return { data: { sessionsEnded: ended } }
      return {
        data: {
          viewer: request.identity.userId && {
            __typename: 'User',
            id: request.identity.userId,
            displayName: 'Ada',
          },
        },
      }
    },
    subscribe: async () => ({ errors: [{ message: 'none' }] }),
    isReady: async () => true,
    end(sessionId) {
      ended.push({ sessionId, at: new Date().toISOString() })
    },
    sign(claims = {}, header = {}, lifeSeconds = 60) {
      const now = Math.floor(Date.now() / 1_000)
      const all = {
        sid: 's1',
        did: null,
        country: 'SE',
        tier: 'FREE',
        role: 'LISTENER',
        artists: [],
        ver: 1,
        ...claims,
      }
      return new SignJWT({
        sub: 'user_1',
        iss: 'cadenza',
        aud: 'cadenza',
        exp: now + lifeSeconds,
        iat: now,
        ...all,
      })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'k1', ...header })
        .sign(privateKey)
    },
  }
}
