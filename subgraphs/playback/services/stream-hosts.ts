import { z } from 'zod'
import { createAkamaiSigner } from './akamai-signer.ts'
import { createCloudFrontSigner } from './cloudfront-signer.ts'
import { createFastlySigner } from './fastly-signer.ts'
import type { HostKind } from './host-kind.ts'
import type { Quality } from './quality.ts'

/** Everything under a folder of a host, up to a quality and until a second of 1970's count. */
export interface SignedFolder {
  /** The host, without a trailing slash. */
  url: string
  /** A path that begins and ends with a slash. */
  folder: string
  top: Quality
  expiresAt: number
}

/** The query string that opens the folder, without its `?`; empty where the token in the path is enough. */
export type SignFolder = (folder: SignedFolder) => string

/** A server that players fetch from. */
export interface StreamHost {
  kind: HostKind
  url: string
  sign: SignFolder
}

const url = z.url({ protocol: /^https?$/ }).regex(/[^/]$/, { error: 'ends without a slash' })
const host = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('EDGE'), url }),
  z.object({
    kind: z.literal('CLOUDFRONT'),
    url,
    keyPairId: z.string().regex(/^\w+$/),
    privateKey: z.string(),
  }),
  z.object({ kind: z.literal('FASTLY'), url, key: z.base64().min(43) }),
  z.object({
    kind: z.literal('AKAMAI'),
    url,
    key: z.string().regex(/^([0-9a-f]{2}){16,}$/i, { error: '32 hexadecimal digits or more' }),
  }),
])

/** Reads `stream-hosts.json`: a list of hosts in the order players are to try them. Throws what does not hold. */
export function parseStreamHosts(text: string): StreamHost[] {
  return z.array(host).parse(JSON.parse(text)).map(open)
}

/** Our own edge: it verifies the token in the path and nothing else. */
export function ownEdge(publicUrl: string): StreamHost {
  return { kind: 'EDGE', url: publicUrl, sign: () => '' }
}

function open(one: z.infer<typeof host>): StreamHost {
  const { kind, url } = one
  switch (one.kind) {
    case 'EDGE':
      return ownEdge(url)
    case 'CLOUDFRONT':
      return { kind, url, sign: createCloudFrontSigner(one.keyPairId, one.privateKey) }
    case 'FASTLY':
      return { kind, url, sign: createFastlySigner(Buffer.from(one.key, 'base64')) }
    case 'AKAMAI':
      return { kind, url, sign: createAkamaiSigner(Buffer.from(one.key, 'hex')) }
  }
}
