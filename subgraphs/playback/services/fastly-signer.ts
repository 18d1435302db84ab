import { createHmac } from 'node:crypto'
import type { SignFolder } from './stream-hosts.ts'

/**
 * Fastly's URL token, `<expiry>_<hex HMAC of path and expiry>`, over the folder instead of one file and with SHA-256 instead of SHA-1;
 * `infra/edge/fastly` verifies it. (Fastly's guide "Enabling URL token validation".)
 */
export function createFastlySigner(key: Buffer): SignFolder {
  return ({ folder, expiresAt }) =>
    `token=${expiresAt}_${createHmac('sha256', key).update(`${folder}${expiresAt}`).digest('hex')}`
}
