import { AudioError } from './audio-error.ts'
import { runFfmpeg } from './ffmpeg.ts'
import type { Demuxer } from './sniffing.ts'

/** What an original is, as the program that will decode it says. */
export interface OriginalFormat {
  codec: string
  sampleRate: number
  channels: number
  /** Bits of a sample that mean something; more than 16 is 24. */
  bits: 16 | 24
  isLossless: boolean
  /** Null where nobody knows. */
  kbps: number | null
  /** As the container promises it; null where it does not, or it is a guess. */
  durationMs: number | null
  /** SHA-256 of the sound as it is stored, without tags: other tags, same sound. */
  soundHash: string
}

const TIMEOUT_MS = 10 * 60_000
/** An original is read and nothing else: no address that a playlist in disguise may name. */
const FILES_ALONE = ['-protocol_whitelist', 'file,pipe'] as const
const LOSSLESS = /^(flac|alac|pcm_(?!alaw|mulaw)\w+|wavpack|tta|ape)$/

/** How ffmpeg is told of an original. */
export function inputArgs(path: string, demuxer: Demuxer): string[] {
  return [...FILES_ALONE, '-f', demuxer, '-i', `file:${path}`]
}

/** Reads the whole of an original without decoding it. NOT_AUDIO when there is no sound in it that could be decoded. */
export async function probe(
  ffmpeg: string,
  path: string,
  demuxer: Demuxer,
  signal?: AbortSignal,
): Promise<OriginalFormat> {
  let said = ''
  const hash = await runFfmpeg(
    ffmpeg,
    [
      '-hide_banner',
      '-nostats',
      ...inputArgs(path, demuxer),
      ...['-map', '0:a:0', '-c', 'copy', '-f', 'hash', 'pipe:1'],
    ],
    {
      timeoutMs: TIMEOUT_MS,
      onSay: (text) => {
        if (said.length < 100_000) said += text
      },
      ...(signal && { signal }),
    },
  ).catch((error: unknown) => {
    if (error instanceof AudioError && error.code === 'FFMPEG_FAILED')
      throw new AudioError('NOT_AUDIO', `There is no sound in it that could be read: ${error.message}`)
    throw error
  })
  const format = readFormat(said.slice(0, said.indexOf('Output #0')))
  return {
    ...format,
    soundHash: hash
      .toString('latin1')
      .trim()
      .replace(/^SHA256=/i, ''),
  }
}

function readFormat(said: string): Omit<OriginalFormat, 'soundHash'> {
  const stream = /Stream #\d+:\d+[^\n]*?: Audio: (\w+)[^\n]*?, (\d+) Hz, ([^,\n]+), (\w+)([^\n]*)/.exec(said)
  if (stream === null) throw new AudioError('NOT_AUDIO', 'There is no sound in it that could be read.')
  const [, codec = '', rate, layout = '', sampleFormat = '', rest = ''] = stream
  const whole = /Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)[^\n]*?(?:bitrate: (\d+) kb\/s)?\s*\n/.exec(said)
  const isGuess = said.includes('Estimating duration from bitrate')
  const kbps = /(\d+) kb\/s/.exec(rest)?.[1] ?? whole?.[4]
  return {
    codec,
    sampleRate: Number(rate),
    channels: channelsOf(layout.trim()),
    bits: /^(s32|flt|dbl|s64)/.test(sampleFormat) ? 24 : 16,
    isLossless: LOSSLESS.test(codec),
    kbps: kbps === undefined ? null : Number(kbps),
    durationMs:
      whole === null || isGuess
        ? null
        : Math.round((Number(whole[1]) * 3_600 + Number(whole[2]) * 60 + Number(whole[3])) * 1_000),
  }
}

/** "mono", "stereo", "5.1(side)", "6 channels" */
function channelsOf(layout: string): number {
  if (layout === 'mono') return 1
  const count = /^(\d+) channels/.exec(layout)?.[1]
  if (count !== undefined) return Number(count)
  const parts = /^(\d)\.(\d)/.exec(layout)
  return parts === null ? 2 : Number(parts[1]) + Number(parts[2])
}
