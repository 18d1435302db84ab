import { expect, test } from 'vitest'
import { assetOf } from '../testing/signed.ts'
import { isOldFfmpeg } from './ffmpeg-faults.ts'
import { mediaPlaylist, multivariantPlaylist } from './hls.ts'

const asset = assetOf('asset-1', 100_100)

test('the multivariant playlist begins with the quality chosen and goes up from there', () => {
  const text = multivariantPlaylist(asset.renditions.slice(0, 3), 'NORMAL')

  expect(text).toBe(
    [
      '#EXTM3U',
      '#EXT-X-VERSION:7',
      '#EXT-X-INDEPENDENT-SEGMENTS',
      '#EXT-X-STREAM-INF:BANDWIDTH=80000,AVERAGE-BANDWIDTH=80000,CODECS="mp4a.40.2"',
      'normal/index.m3u8',
      '#EXT-X-STREAM-INF:BANDWIDTH=80000,AVERAGE-BANDWIDTH=80000,CODECS="mp4a.40.2"',
      'low/index.m3u8',
      '#EXT-X-STREAM-INF:BANDWIDTH=80000,AVERAGE-BANDWIDTH=80000,CODECS="mp4a.40.2"',
      'high/index.m3u8',
      '',
    ].join('\n'),
  )
  expect(multivariantPlaylist(asset.renditions, 'LOW')).toContain('CODECS="fLaC"\nlossless/index.m3u8\n')
})

test('BANDWIDTH is that of the busiest segment, AVERAGE-BANDWIDTH that of them all', () => {
  const [low] = asset.renditions
  if (low === undefined) throw new Error('no rendition')
  const segments = [
    { offset: 100, bytes: 1_000, durationMs: 1_000 },
    { offset: 1_100, bytes: 3_000, durationMs: 1_000 },
  ]
  const text = multivariantPlaylist([{ ...low, segments }], 'LOW')

  expect(text).toContain('BANDWIDTH=24000,AVERAGE-BANDWIDTH=16000,')
})

test('the media playlist names header and segments by byte range, and ends', () => {
  const [low] = asset.renditions
  if (low === undefined) throw new Error('no rendition')
  const [first, ...others] = low.segments
  if (first === undefined) throw new Error('no segment')

  expect(mediaPlaylist({ ...low, segments: [{ ...first, durationMs: 4_037.007 }, ...others] })).toBe(
    [
      '#EXTM3U',
      '#EXT-X-VERSION:7',
      '#EXT-X-TARGETDURATION:5',
      '#EXT-X-MEDIA-SEQUENCE:0',
      '#EXT-X-PLAYLIST-TYPE:VOD',
      '#EXT-X-INDEPENDENT-SEGMENTS',
      '#EXT-X-MAP:URI="audio.mp4",BYTERANGE="100@0"',
      '#EXTINF:4.037007,',
      '#EXT-X-BYTERANGE:40000@100',
      'audio.mp4',
      '#EXTINF:4.000000,',
      '#EXT-X-BYTERANGE:40000@40100',
      'audio.mp4',
      '#EXTINF:2.000000,',
      '#EXT-X-BYTERANGE:20000@80100',
      'audio.mp4',
      '#EXT-X-ENDLIST',
      '',
    ].join('\n'),
  )
})

test('a player that loses the last segment loses the header instead', () => {
  const [low] = asset.renditions
  if (low === undefined) throw new Error('no rendition')

  expect(mediaPlaylist(low, { repeatsHeader: true })).toBe(
    mediaPlaylist(low).replace(
      '#EXT-X-ENDLIST',
      '#EXTINF:0.001000,\n#EXT-X-BYTERANGE:100@0\naudio.mp4\n#EXT-X-ENDLIST',
    ),
  )
})

test.each([
  ['Lavf/58.24.100', true],
  ['Lavf/57.83.100', true],
  ['Lavf/59.27.100', false],
  ['Lavf/61.1.100', false],
  ['Mozilla/5.0', false],
  [undefined, false],
])('%s is an old FFmpeg: %s', (userAgent, expected) => {
  expect(isOldFfmpeg(userAgent)).toBe(expected)
})
