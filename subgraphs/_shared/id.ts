import { createHash, randomBytes } from 'node:crypto'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const LENGTH = 22 // 62^22 > 2^128: every 16-byte value fits, always at the same width, so ids sort like their bytes

/** The id prefixes of the supergraph and the type each one stands for. */
const TYPES = {
  album: 'Album',
  artist: 'Artist',
  device: 'Device',
  episode: 'Episode',
  folder: 'PlaylistFolder',
  genre: 'Genre',
  item: 'PlaylistItem',
  playlist: 'Playlist',
  privacy: 'PrivacyJob',
  show: 'Show',
  track: 'Track',
  upload: 'Upload',
  user: 'User',
} as const

export type NodePrefix = keyof typeof TYPES
export type NodeType = (typeof TYPES)[NodePrefix]

/** `prefix_` + 22 base-62 characters of a UUIDv7 layout (RFC 9562): new ids append at the right edge of an index. */
export function newId(prefix: string): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(Date.now(), 0, 6)
  return `${prefix}_${base62(bytes)}`
}

/** The same id for the same key, always: what makes an import repeatable. */
export function derivedId(prefix: string, key: string): string {
  return `${prefix}_${base62(createHash('sha256').update(`${prefix}:${key}`).digest().subarray(0, 16))}`
}

/** The GraphQL type an id claims to be, or null when it is not an id of ours. */
export function nodeTypeOf(id: string): NodeType | null {
  const match = /^([a-z]+)_[0-9A-Za-z]{22}$/.exec(id)
  const prefix = match?.[1]
  return prefix !== undefined && Object.hasOwn(TYPES, prefix) ? TYPES[prefix as NodePrefix] : null
}

export function isIdOf(prefix: NodePrefix, id: string): boolean {
  return nodeTypeOf(id) === TYPES[prefix]
}

function base62(bytes: Buffer): string {
  let rest = BigInt(`0x${bytes.toString('hex')}`)
  let text = ''
  for (let index = 0; index < LENGTH; index++) {
    text = ALPHABET[Number(rest % 62n)] + text
    rest /= 62n
  }
  return text
}
