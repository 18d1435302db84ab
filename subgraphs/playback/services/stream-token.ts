import { createHmac, timingSafeEqual } from 'node:crypto'
import { HOST_KINDS, type HostKind } from './host-kind.ts'
import type { KeyRing } from './key-ring.ts'
import { QUALITIES, type Quality } from './quality.ts'

export const PRESENTATIONS = ['FULL', 'PREVIEW'] as const
/** All of the recording, or its beginning alone. */
export type Presentation = (typeof PRESENTATIONS)[number]

/** What a stream token says: whose it is, what it opens, up to which quality, and until when. */
export interface StreamClaims {
  /** A hash of the user's id that only we can make: those who carry our URLs learn no account. */
  user: string
  deviceId: string
  playbackId: string
  playableId: string
  assetId: string
  country: string
  /** The quality the multivariant playlist names first. */
  first: Quality
  top: Quality
  presentation: Presentation
  /** The kind of host the URL is for: what else that wants to see in a URL, the playlists pass on. */
  host: HostKind
  /** Seconds since 1970; the first second in which the token is dead. */
  expiresAt: number
  /** Makes a renewed token a new one, whatever the clock says. */
  nonce: string
}

const VERSION = '2'
const LINES = 13
const FIELD = /^[\w-]+$/
const SIGNATURE_LENGTH = 43 // 32 bytes in base64url

/**
 * `base64url(claims).kid.base64url(HMAC-SHA256)`. The claims are lines in a fixed order, and the signature is over the text
 * before it, key id included: one claim has one spelling, and none other verifies.
 */
export function signStream(claims: StreamClaims, ring: KeyRing): string {
  const lines = [
    VERSION,
    claims.user,
    claims.deviceId,
    claims.playbackId,
    claims.playableId,
    claims.assetId,
    claims.country,
    claims.first,
    claims.top,
    claims.presentation,
    claims.host,
    String(claims.expiresAt),
    claims.nonce,
  ]
  // A line break inside a claim would move every claim behind it by one.
  if (!lines.every((line) => FIELD.test(line))) throw new Error('A stream claim holds what no claim may hold')
  const signed = `${Buffer.from(lines.join('\n')).toString('base64url')}.${ring.active}`
  return `${signed}.${signature(signed, keyOf(ring, ring.active))}`
}

/** The claims of a token that one of our keys signed and that is not over at `now` (ms), or null; never says why. */
export function verifyStream(token: string, ring: KeyRing, now: number): StreamClaims | null {
  const end = token.lastIndexOf('.')
  const signed = token.slice(0, end)
  const [encoded, kid, ...rest] = signed.split('.')
  const key = ring.keys.get(kid ?? '')
  if (encoded === undefined || key === undefined || rest.length > 0) return null
  // Compared as text: two of base64url's bits at the end of 32 bytes carry nothing, and would give a signature four spellings.
  if (!isSame(token.slice(end + 1), signature(signed, key))) return null
  const claims = readClaims(Buffer.from(encoded, 'base64url').toString())
  return claims !== null && now < claims.expiresAt * 1_000 ? claims : null
}

/** The same user under the same key is the same 22 characters; nobody without the key can tell who. */
export function pairwiseHash(userId: string, ring: KeyRing): string {
  return signature(`user ${userId}`, keyOf(ring, ring.active)).slice(0, 22)
}

function readClaims(text: string): StreamClaims | null {
  const lines = text.split('\n')
  const [version, user = '', deviceId = '', playbackId = '', playableId = '', assetId = ''] = lines
  const [country = '', first, top, presentation, host, expiresAt, nonce = ''] = lines.slice(6)
  if (version !== VERSION || lines.length !== LINES || !isOneOf(QUALITIES, first)) return null
  if (!isOneOf(QUALITIES, top) || !isOneOf(PRESENTATIONS, presentation) || !isOneOf(HOST_KINDS, host))
    return null
  return {
    user,
    deviceId,
    playbackId,
    playableId,
    assetId,
    country,
    first,
    top,
    presentation,
    host,
    expiresAt: Number(expiresAt),
    nonce,
  }
}

function isOneOf<Text extends string>(known: readonly Text[], text: string | undefined): text is Text {
  return (known as readonly (string | undefined)[]).includes(text)
}

function keyOf(ring: KeyRing, kid: string): Buffer {
  const key = ring.keys.get(kid)
  if (key === undefined) throw new Error('The active key is not in the ring')
  return key
}

function signature(text: string, key: Buffer): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}

function isSame(given: string, expected: string): boolean {
  if (given.length !== SIGNATURE_LENGTH) return false
  const bytes = Buffer.from(given)
  return bytes.length === SIGNATURE_LENGTH && timingSafeEqual(bytes, Buffer.from(expected))
}
