import type { Quality } from './quality.ts'

/** What a path under /stream asks for. */
export interface StreamPath {
  token: string
  playableId: string
  file: 'MULTIVARIANT' | 'PLAYLIST' | 'AUDIO' | 'KEY'
  /** Null for the multivariant playlist, which is about all of them. */
  quality: Quality | null
}

const FILES = { 'index.m3u8': 'PLAYLIST', 'audio.mp4': 'AUDIO', key: 'KEY' } as const
const MAX_LENGTH = 2_048

// The whole of what is canonical, so that nothing else has to be thought of: no escapes, no `..`, no `//`, no query string.
const GRAMMAR =
  /^\/stream\/([\w-]+\.[\w-]+\.[\w-]{43})\/((?:track|episode)_[0-9A-Za-z]{22})\/(?:(master\.m3u8)|(low|normal|high|lossless)\/(index\.m3u8|audio\.mp4|key))$/

/** Reads a request's target as it came over the wire; null for everything that is not spelt exactly as we spell it. */
export function readStreamPath(target: string): StreamPath | null {
  if (target.length > MAX_LENGTH) return null
  const match = GRAMMAR.exec(target)
  if (match === null) return null
  const [, token = '', playableId = '', master, quality, file] = match
  if (master !== undefined) return { token, playableId, file: 'MULTIVARIANT', quality: null }
  return {
    token,
    playableId,
    file: FILES[file as keyof typeof FILES],
    quality: quality?.toUpperCase() as Quality,
  }
}

/** What everything of one token lies under; the paths in playlists are relative and so carry the same token. */
export function streamFolder(token: string, playableId: string): string {
  return `/stream/${token}/${playableId}/`
}

/** The path of the multivariant playlist. */
export function multivariantPath(token: string, playableId: string): string {
  return `${streamFolder(token, playableId)}master.m3u8`
}

/** The path of the key of one quality. */
export function keyPath(token: string, playableId: string, quality: Quality): string {
  return `${streamFolder(token, playableId)}${quality.toLowerCase()}/key`
}
