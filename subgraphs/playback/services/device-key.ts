import { CompactEncrypt, importJWK, importSPKI, type JWK } from 'jose'

type PublicKey = Awaited<ReturnType<typeof importSPKI>>

/**
 * A key for one device: JWE (compact, A256GCM) to the public key that the device signed in with (JWK or PEM; RSA by RSA-OAEP-256, an EC or
 * X25519 key by ECDH-ES), which nobody else can open. Where it named none that serves, the 16 bytes in base64.
 */
export async function wrapForDevice(bytes: Buffer, publicKey: string | null): Promise<string> {
  const found = publicKey === null ? null : await readPublicKey(publicKey)
  if (found === null) return bytes.toString('base64')
  return new CompactEncrypt(bytes).setProtectedHeader({ alg: found.alg, enc: 'A256GCM' }).encrypt(found.key)
}

async function readPublicKey(text: string): Promise<{ alg: string; key: PublicKey } | null> {
  for (const alg of ['RSA-OAEP-256', 'ECDH-ES']) {
    const key = await parse(text, alg).catch(() => null)
    if (key !== null) return { alg, key }
  }
  return null
}

async function parse(text: string, alg: string): Promise<PublicKey> {
  if (text.trimStart().startsWith('-----BEGIN')) return importSPKI(text, alg)
  const { kty, ...jwk } = JSON.parse(text) as JWK
  if ((kty === 'RSA') !== (alg === 'RSA-OAEP-256')) throw new Error('A key of another kind')
  if (jwk.d !== undefined) throw new Error('This is a private key')
  return (await importJWK({ kty: kty as string, ...jwk }, alg)) as PublicKey
}
