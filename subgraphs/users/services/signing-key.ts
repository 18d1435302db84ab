import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import { z } from 'zod'
import { readSecret } from '#shared/secrets.ts'

export const SIGNING_ALGORITHM = 'EdDSA'

const privateKey = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  d: z.string(),
  kid: z.string(),
})

export interface SigningKey {
  key: Awaited<ReturnType<typeof importJWK>>
  kid: string
  /** What checks its signatures: the text of a JSON Web Key Set. */
  keySet: string
}

/** An Ed25519 key of the installation, made the first time; every process of the room signs with the same one. */
export async function readSigningKey(home: string, name: string): Promise<SigningKey> {
  const { d, ...publicKey } = privateKey.parse(JSON.parse(await readSecret(home, name, newKey)))
  const key = await importJWK({ ...publicKey, d }, SIGNING_ALGORITHM)
  const keySet = JSON.stringify({ keys: [{ ...publicKey, alg: SIGNING_ALGORITHM, use: 'sig' }] })
  return { key, kid: publicKey.kid, keySet }
}

async function newKey(): Promise<string> {
  const pair = await generateKeyPair(SIGNING_ALGORITHM, { crv: 'Ed25519', extractable: true })
  const jwk: JWK = await exportJWK(pair.privateKey)
  return JSON.stringify({ ...jwk, kid: await calculateJwkThumbprint(jwk) })
}
