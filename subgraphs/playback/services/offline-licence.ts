import { exportJWK, generateKeyPair, importJWK, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import type { SqlExecutor } from '#shared/database.ts'
import { Refusal } from '#shared/errors.ts'
import { readSecret } from '#shared/secrets.ts'
import { OFFLINE } from '../config.ts'
import type { ContentKeys } from './content-keys.ts'
import { wrapForDevice } from './device-key.ts'
import type { OfflineDevice } from './offline-holdings.ts'

/** `OfflineLicence` of the schema. */
export interface OfflineLicence {
  token: string
  expiresAt: Date
  /** Null where nobody asked for a new one. */
  keys: { keyId: string; key: string }[] | null
}

/** What a licence is signed from. */
export interface LicenceTerms extends OfflineDevice {
  keyId: string
  /** Goes up with each licence of the device. */
  counter: number
  issuedAt: Date
  publicKey: string | null
}

/** Says that a device may play what it holds, for thirty days: to the device itself, which has nobody to ask meanwhile. */
export interface Licences {
  /** The same terms make the same token. */
  sign(terms: LicenceTerms): Promise<OfflineLicence>
  /** With the key that the device's files are encrypted with: wrapped for the device's own key, where it has named one. */
  signWithKeys(terms: LicenceTerms): Promise<OfflineLicence>
  /**
   * The next terms, where the account is locked. Refuses CONFLICT to a device that shows an older licence than its last but one: it has been
   * taken back in time, by its clock or from a copy. The last but one is shown by whoever never had the last one's answer.
   */
  renew(tx: SqlExecutor, device: OfflineDevice, token: string | null, now: number): Promise<LicenceTerms>
  /** The public key, as a JSON Web Key Set: with it a device can tell that a licence is ours without asking. */
  readonly keySet: string
}

const ALGORITHM = 'EdDSA'
const ISSUER = 'cadenza'
const privateKey = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  d: z.string(),
})
const claims = z.object({ sub: z.string(), did: z.string(), cnt: z.int() })

export async function createLicences(home: string, contentKeys: ContentKeys): Promise<Licences> {
  const { d, ...publicKey } = privateKey.parse(
    JSON.parse(await readSecret(home, 'offline-licence.jwk', newKey)),
  )
  const key = await importJWK({ ...publicKey, d }, ALGORITHM)
  const verifier = await importJWK(publicKey, ALGORITHM)

  /** The counter of a licence of this device; expired ones too, for they are shown to be renewed. */
  async function readCounter(token: string, { userId, deviceId }: OfflineDevice): Promise<number> {
    const verified = await jwtVerify(token, verifier, { issuer: ISSUER, currentDate: new Date(0) }).catch(
      () => null,
    )
    const read = claims.safeParse(verified?.payload)
    if (!read.success || read.data.sub !== userId || read.data.did !== deviceId)
      throw new Refusal('BAD_USER_INPUT', 'This is no licence of this device', ['token'])
    return read.data.cnt
  }

  async function sign(terms: LicenceTerms): Promise<OfflineLicence> {
    const issuedAt = Math.floor(terms.issuedAt.getTime() / 1_000)
    const expiresAt = issuedAt + OFFLINE.licenceMs / 1_000
    const token = await new SignJWT({ did: terms.deviceId, cnt: terms.counter, keys: [terms.keyId] })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'offline-licence+jwt' })
      .setIssuer(ISSUER)
      .setSubject(terms.userId)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(key)
    return { token, expiresAt: new Date(expiresAt * 1_000), keys: null }
  }

  return {
    sign,
    keySet: JSON.stringify({ keys: [{ ...publicKey, alg: ALGORITHM, use: 'sig' }] }),

    async signWithKeys(terms) {
      const { keyId } = terms
      const bytes = await contentKeys.find(deviceKeyOf(keyId))
      return { ...(await sign(terms)), keys: [{ keyId, key: await wrapForDevice(bytes, terms.publicKey) }] }
    },

    async renew(tx, device, token, now) {
      const { userId, deviceId } = device
      const known = await readTerms(tx, device)
      if (known === null) throw new Refusal('NOT_FOUND', 'This device holds nothing', ['deviceId'])
      if (token !== null && (await readCounter(token, device)) < known.counter - 1)
        throw new Refusal('CONFLICT', 'A later licence of this device has been used already', ['token'])
      // Our own clock may be set back as well: a licence is never older than the one before it.
      const issuedAt = new Date(Math.max(now, known.issuedAt.getTime()))
      const counter = known.counter + 1
      await tx.$executeRaw`
        UPDATE offline_device SET counter = ${counter}, licensed_at = ${issuedAt}
         WHERE user_id = ${userId} AND device_id = ${deviceId}`
      return { ...known, counter, issuedAt }
    },
  }
}

/** What a device was last licensed, or null when it never held anything. */
export async function readTerms(
  db: SqlExecutor,
  { userId, deviceId }: OfflineDevice,
): Promise<LicenceTerms | null> {
  const [terms] = await db.$queryRaw<Omit<LicenceTerms, keyof OfflineDevice>[]>`
    SELECT key_id AS "keyId", counter, licensed_at AS "issuedAt",
           (SELECT public_key FROM device WHERE user_id = ${userId} AND device_id = ${deviceId}) AS "publicKey"
      FROM offline_device WHERE user_id = ${userId} AND device_id = ${deviceId}`
  return terms === undefined ? null : { userId, deviceId, ...terms }
}

/** A device's key lies among the content keys, wrapped as they are. */
export function deviceKeyOf(keyId: string): { assetId: string; quality: 'LOSSLESS' } {
  return { assetId: keyId, quality: 'LOSSLESS' }
}

async function newKey(): Promise<string> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true })
  return JSON.stringify(await exportJWK(privateKey))
}
