import { createHmac } from 'node:crypto'
import { QUALITIES, rankOf } from './quality.ts'
import type { SignFolder } from './stream-hosts.ts'

/**
 * Akamai's Auth Token 2.0 with a list of paths: `exp=…~acl=…!…~hmac=…`, HMAC-SHA256 over all before it. The list names the qualities up
 * to the top one, so that the host needs to know nothing else of ours. (As EdgeAuth writes it, "Escape token input" off.)
 */
export function createAkamaiSigner(key: Buffer): SignFolder {
  return ({ folder, top, expiresAt }) => {
    const allowed = QUALITIES.filter((quality) => rankOf(quality) <= rankOf(top))
    const paths = ['master.m3u8', ...allowed.map((quality) => `${quality.toLowerCase()}/*`)]
    const signed = `exp=${expiresAt}~acl=${paths.map((path) => folder + path).join('!')}`
    return `hdnts=${signed}~hmac=${createHmac('sha256', key).update(signed).digest('hex')}`
  }
}
