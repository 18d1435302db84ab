import type { Rendition } from './audio-asset.ts'
import { HOST_PARAMETERS, type HostKind } from './host-kind.ts'
import { type Quality, rankOf } from './quality.ts'

/** Where the files of a rendition lie, relative to the multivariant playlist. */
export const AUDIO_FILE = 'audio.mp4'
const VERSION = 7 // fragmented MP4 with EXT-X-MAP needs 6, independent segments and all the rest no more than 7
const VERSION_WITH_PARAMETERS = 11 // EXT-X-DEFINE with QUERYPARAM

/** The multivariant playlist (RFC 8216) of these renditions: the quality to begin with first, the others upwards. */
export function multivariantPlaylist(
  renditions: readonly Rendition[],
  first: Quality,
  host: HostKind = 'EDGE',
): string {
  const allowed = [...renditions].sort((one, other) => rankOf(one.quality) - rankOf(other.quality))
  const ordered = [
    ...allowed.filter(({ quality }) => quality === first),
    ...allowed.filter(({ quality }) => quality !== first),
  ]
  return lines(
    '#EXTM3U',
    ...opening(host),
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...ordered.flatMap((rendition) => variant(rendition, parametersOf(host))),
  )
}

export interface MediaPlaylistOptions {
  /** Where the key lies that the segments are encrypted with; null while they are clear. */
  keyUri?: string | null
  /** Adds the header as a last segment of a millisecond, for players that lose the last one. */
  repeatsHeader?: boolean
  host?: HostKind
}

/**
 * The media playlist of one rendition: a single file, its header and its segments by byte range. The header stands before the key and
 * so is clear; the IV of a segment is its number.
 */
export function mediaPlaylist(
  { initBytes, segments }: Rendition,
  { keyUri = null, repeatsHeader = false, host = 'EDGE' }: MediaPlaylistOptions = {},
): string {
  const file = AUDIO_FILE + parametersOf(host)
  const header = { offset: 0, bytes: initBytes, durationMs: 1 }
  const longest = Math.max(...segments.map(({ durationMs }) => durationMs))
  return lines(
    '#EXTM3U',
    ...opening(host),
    `#EXT-X-TARGETDURATION:${Math.ceil(longest / 1_000)}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    `#EXT-X-MAP:URI="${file}",BYTERANGE="${initBytes}@0"`,
    ...(keyUri === null ? [] : [`#EXT-X-KEY:METHOD=AES-128,URI="${keyUri}"`]),
    ...segments.flatMap((segment) => entry(segment, file)),
    ...(repeatsHeader
      ? [...(keyUri === null ? [] : ['#EXT-X-KEY:METHOD=NONE']), ...entry(header, file)]
      : []),
    '#EXT-X-ENDLIST',
  )
}

function entry({ offset, bytes, durationMs }: Rendition['segments'][number], file: string): string[] {
  return [`#EXTINF:${(durationMs / 1_000).toFixed(6)},`, `#EXT-X-BYTERANGE:${bytes}@${offset}`, file]
}

/** What a host wants to see in the query string, the player takes from the URL it came by: the playlist is the same for everybody. */
function opening(host: HostKind): string[] {
  const names = HOST_PARAMETERS[host]
  return [
    `#EXT-X-VERSION:${names.length === 0 ? VERSION : VERSION_WITH_PARAMETERS}`,
    ...names.map((name) => `#EXT-X-DEFINE:QUERYPARAM="${name}"`),
  ]
}

function parametersOf(host: HostKind): string {
  const names = HOST_PARAMETERS[host]
  return names.length === 0 ? '' : `?${names.map((name) => `${name}={$${name}}`).join('&')}`
}

function variant({ quality, codec, segments }: Rendition, parameters: string): string[] {
  const rates = segments.map(bitsPerSecond)
  const whole = {
    bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
    durationMs: segments.reduce((sum, { durationMs }) => sum + durationMs, 0),
  }
  const average = bitsPerSecond(whole)
  return [
    `#EXT-X-STREAM-INF:BANDWIDTH=${Math.max(average, ...rates)},AVERAGE-BANDWIDTH=${average},CODECS="${codec}"`,
    `${quality.toLowerCase()}/index.m3u8${parameters}`,
  ]
}

function bitsPerSecond({ bytes, durationMs }: { bytes: number; durationMs: number }): number {
  return Math.ceil((bytes * 8_000) / durationMs)
}

function lines(...text: string[]): string {
  return `${text.join('\n')}\n`
}
