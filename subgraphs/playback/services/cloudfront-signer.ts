import { createPrivateKey, createSign } from 'node:crypto'
import type { SignFolder } from './stream-hosts.ts'

/**
 * Amazon CloudFront's signed URL with a custom policy: one JSON statement for everything under the folder, signed with RSA-SHA1 as
 * CloudFront has it, in base64 with `-_~` for `+=/`. (Developer guide, "Create a signed URL using a custom policy".)
 */
export function createCloudFrontSigner(keyPairId: string, privateKey: string): SignFolder {
  const key = createPrivateKey(privateKey)
  if (key.asymmetricKeyType !== 'rsa') throw new Error('CloudFront URLs are signed with an RSA key')

  return ({ url, folder, expiresAt }) => {
    const policy = JSON.stringify({
      Statement: [
        { Resource: `${url}${folder}*`, Condition: { DateLessThan: { 'AWS:EpochTime': expiresAt } } },
      ],
    })
    const signature = createSign('RSA-SHA1').update(policy).sign(key)
    return `Policy=${encode(Buffer.from(policy))}&Signature=${encode(signature)}&Key-Pair-Id=${keyPairId}`
  }
}

function encode(bytes: Buffer): string {
  return bytes.toString('base64').replace(/[+=/]/g, (letter) => ({ '+': '-', '=': '_' })[letter] ?? '~')
}
