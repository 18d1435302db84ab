/**
 * Who serves a stream. EDGE verifies the token in the path: our own edge, and nginx with the script in `infra/edge`. The others want a
 * token of their own beside it.
 */
export const HOST_KINDS = ['EDGE', 'CLOUDFRONT', 'FASTLY', 'AKAMAI'] as const
export type HostKind = (typeof HOST_KINDS)[number]

/** The query parameters each kind wants with every request, in order. */
export const HOST_PARAMETERS: Readonly<Record<HostKind, readonly string[]>> = {
  EDGE: [],
  CLOUDFRONT: ['Policy', 'Signature', 'Key-Pair-Id'],
  FASTLY: ['token'],
  AKAMAI: ['hdnts'],
}
