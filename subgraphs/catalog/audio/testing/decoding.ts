import { spawn } from 'node:child_process'
import { runFfmpeg } from '../ffmpeg.ts'
import { SAMPLE_RATE, type StereoPcm } from '../pcm.ts'

/** What a file or playlist sounds like, every sample of it. */
export async function decode(ffmpeg: string, path: string): Promise<StereoPcm> {
  const args = ['-v', 'error', '-i', path, '-f', 'f32le', '-']
  return parse(await runFfmpeg(ffmpeg, args, { timeoutMs: 20_000 }))
}

/** Loudness as ffmpeg measures it; its report is on standard error. */
export async function ebur128(
  ffmpeg: string,
  pcm: StereoPcm,
  rate = SAMPLE_RATE,
): Promise<{ lufs: number; peakDb: number }> {
  const args = [
    '-hide_banner',
    '-f',
    'f32le',
    '-ar',
    String(rate),
    '-ac',
    '2',
    '-i',
    '-',
    '-af',
    'ebur128=peak=true',
    '-f',
    'null',
    '-',
  ]
  const child = spawn(ffmpeg, args, { stdio: ['pipe', 'ignore', 'pipe'] })
  let report = ''
  child.stderr.on('data', (chunk: Buffer) => (report += chunk.toString()))
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.stdin.end(interleave(pcm))
  await ended
  const summary = report.slice(report.lastIndexOf('Summary:'))
  const lufs = /I:\s+(-?[\d.]+) LUFS/.exec(summary)?.[1]
  const peak = /Peak:\s+(-?[\d.]+) dBFS/.exec(summary)?.[1]
  return { lufs: Number(lufs), peakDb: Number(peak) }
}

function interleave({ left, right }: StereoPcm): Buffer {
  const bytes = Buffer.alloc(left.length * 8)
  for (let index = 0; index < left.length; index++) {
    bytes.writeFloatLE(left[index] ?? 0, index * 8)
    bytes.writeFloatLE(right[index] ?? 0, index * 8 + 4)
  }
  return bytes
}

function parse(bytes: Buffer): StereoPcm {
  const frames = Math.floor(bytes.length / 8)
  const pcm = { left: new Float32Array(frames), right: new Float32Array(frames) }
  for (let index = 0; index < frames; index++) {
    pcm.left[index] = bytes.readFloatLE(index * 8)
    pcm.right[index] = bytes.readFloatLE(index * 8 + 4)
  }
  return pcm
}
