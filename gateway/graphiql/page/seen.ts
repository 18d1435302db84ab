import { adopt, loadViewer } from './account.ts'
import type { GraphQLAnswer } from './http.ts'
import { keepAsExample } from './own-playlist.ts'
import { createStore } from './store.ts'
import { holdTokens, type TokenPair } from './tokens.ts'

export interface Manifest {
  playbackId: string
  url: string
  bufferSeconds?: number
  presentation?: string
  selectedQuality?: string
  qualities?: { quality: string; codec: string; bitrateKbps: number }[]
  track?: { title: string } | null
  episode?: { title: string } | null
}

export interface Denial {
  code: string
  message: string
  retryable: boolean
}

/** The latest stream the server granted or refused, in any tab: what the player strip shows. */
export const stream = createStore<Manifest | Denial | null>(null)
/** The latest invitation seen, so that another account can join with it. */
export const inviteToken = createStore<string | null>(null)

type Found = Record<string, unknown>

/** Looks through an answer for what the page can use: a session to take over, a stream to play, an invitation to keep. */
export function look(answer: GraphQLAnswer): void {
  const { data } = answer
  if (!data) return
  walk(data, (found) => {
    if (isManifest(found) || isDenial(found)) stream.set(found)
    if (typeof found['token'] === 'string' && 'expiresAt' in found && !('keys' in found))
      inviteToken.set(found['token'])
    if (isTokenPair(found)) void adopt(found).catch(() => null)
  })
  if (isClean(data['signOut'])) holdTokens(null)
  const joined = data['playlistJoin'] as { playlist: { id: string } | null } | null | undefined
  if (joined?.playlist) keepAsExample(joined.playlist.id)
  if ('userTierChange' in data) void loadViewer().catch(() => null)
}

export function isManifest(found: unknown): found is Manifest {
  const { url, playbackId } = (found ?? {}) as Found
  return typeof url === 'string' && typeof playbackId === 'string' && /\.m3u8($|[?#])/.test(url)
}

export function isDenial(found: unknown): found is Denial {
  return (found as Found | null)?.['__typename'] === 'StreamDenied' && 'message' in (found as Found)
}

function isTokenPair(found: Found): found is Found & TokenPair & { device?: { id: string } | null } {
  return typeof found['accessToken'] === 'string' && typeof found['refreshToken'] === 'string'
}

function isClean(payload: unknown): boolean {
  const errors = (payload as { userErrors?: unknown[] } | null | undefined)?.userErrors
  return errors?.length === 0
}

function walk(value: unknown, visit: (found: Found) => void): void {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) visit(value as Found)
  for (const child of Object.values(value)) walk(child, visit)
}
