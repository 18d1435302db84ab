import type { AudioAsset, Rendition } from './audio-asset.ts'
import { type Quality, rankOf } from './quality.ts'

/** Where the files of a rendition lie, relative to the multivariant playlist. */
export const AUDIO_FILE = 'audio.mp4'
const VERSION = 7 // fragmented MP4 with EXT-X-MAP needs 6, independent segments and all the rest no more than 7

/** The multivariant playlist (RFC 8216) of what `top` allows, the quality to begin with first, the others upwards. */
export function multivariantPlaylist(asset: AudioAsset, first: Quality, top: Quality): string {
  const allowed = asset.renditions
    .filter(({ quality }) => rankOf(quality) <= rankOf(top))
    .sort((one, other) => rankOf(one.quality) - rankOf(other.quality))
  const ordered = [
    ...allowed.filter(({ quality }) => quality === first),
    ...allowed.filter(({ quality }) => quality !== first),
  ]
  return lines(
    '#EXTM3U',
    `#EXT-X-VERSION:${VERSION}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...ordered.flatMap(variant),
  )
}

/**
 * The media playlist of one rendition: a single file, its header and its segments by byte range. `repeatsHeader` adds the
 * header as a last segment of a millisecond, for players that lose the last one.
 */
export function mediaPlaylist({ initBytes, segments }: Rendition, repeatsHeader = false): string {
  const header = { offset: 0, bytes: initBytes, durationMs: 1 }
  const longest = Math.max(...segments.map(({ durationMs }) => durationMs))
  return lines(
    '#EXTM3U',
    `#EXT-X-VERSION:${VERSION}`,
    `#EXT-X-TARGETDURATION:${Math.ceil(longest / 1_000)}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    `#EXT-X-MAP:URI="${AUDIO_FILE}",BYTERANGE="${initBytes}@0"`,
    ...[...segments, ...(repeatsHeader ? [header] : [])].flatMap(({ offset, bytes, durationMs }) => [
      `#EXTINF:${(durationMs / 1_000).toFixed(6)},`,
      `#EXT-X-BYTERANGE:${bytes}@${offset}`,
      AUDIO_FILE,
    ]),
    '#EXT-X-ENDLIST',
  )
}

function variant({ quality, codec, segments }: Rendition): string[] {
  const rates = segments.map(bitsPerSecond)
  const whole = {
    bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
    durationMs: segments.reduce((sum, { durationMs }) => sum + durationMs, 0),
  }
  const average = bitsPerSecond(whole)
  return [
    `#EXT-X-STREAM-INF:BANDWIDTH=${Math.max(average, ...rates)},AVERAGE-BANDWIDTH=${average},CODECS="${codec}"`,
    `${quality.toLowerCase()}/index.m3u8`,
  ]
}

function bitsPerSecond({ bytes, durationMs }: { bytes: number; durationMs: number }): number {
  return Math.ceil((bytes * 8_000) / durationMs)
}

function lines(...text: string[]): string {
  return `${text.join('\n')}\n`
}
