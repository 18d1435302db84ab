import { execFile } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { AudioAsset, Rendition } from '../services/audio-asset.ts'

const run = promisify(execFile)

const ENCODERS = [
  { quality: 'LOW', codec: 'mp4a.40.2', bitrateKbps: 96, args: ['-c:a', 'aac', '-b:a', '96k'] },
  { quality: 'NORMAL', codec: 'mp4a.40.2', bitrateKbps: 160, args: ['-c:a', 'aac', '-b:a', '160k'] },
  { quality: 'HIGH', codec: 'mp4a.40.2', bitrateKbps: 320, args: ['-c:a', 'aac', '-b:a', '320k'] },
  { quality: 'LOSSLESS', codec: 'fLaC', bitrateKbps: 700, args: ['-c:a', 'flac', '-strict', '-2'] },
] as const

/** A real asset: a tone of `seconds` as fragmented MP4, one file a quality, packaged by reading the boxes ffmpeg wrote. */
export async function makeSineAsset(ffmpeg: string, folder: string, seconds: number): Promise<AudioAsset> {
  await mkdir(join(folder, 'sine'), { recursive: true })
  const tone = `sine=frequency=330:sample_rate=44100:duration=${seconds},pan=stereo|c0=c0|c1=0.5*c0`
  const renditions = await Promise.all(
    ENCODERS.map(async ({ args, ...encoder }): Promise<Rendition> => {
      const path = `sine/${encoder.quality.toLowerCase()}.mp4`
      const target = join(folder, path)
      await run(ffmpeg, [
        ...['-v', 'error', '-f', 'lavfi', '-i', tone, ...args],
        ...['-movflags', 'empty_moov+default_base_moof', '-frag_duration', '4000000', '-f', 'mp4', target],
      ])
      return { ...encoder, path, ...readFragments(await readFile(target), seconds) }
    }),
  )
  return {
    assetId: 'sine',
    durationMs: seconds * 1_000,
    loudnessCentilufs: -2_000,
    truePeakCentidb: -1_800,
    renditions,
  }
}

/** Everything before the first `moof` is the header; each `moof` with its `mdat` is a segment, as long as until the next begins. */
function readFragments(file: Buffer, seconds: number): Pick<Rendition, 'bytes' | 'initBytes' | 'segments'> {
  const timescale = file.readUInt32BE(file.indexOf('mdhd') + 16)
  const moofs: number[] = []
  let end = 0
  while (end < file.length) {
    const type = file.toString('latin1', end + 4, end + 8)
    if (type === 'moof') moofs.push(end)
    if (type === 'mfra') break
    end += file.readUInt32BE(end)
  }
  const begins = moofs.map((moof) => startOf(file, moof) / timescale)
  const segments = moofs.map((offset, index) => ({
    offset,
    bytes: (moofs[index + 1] ?? end) - offset,
    durationMs: Math.round(((begins[index + 1] ?? seconds) - (begins[index] ?? 0)) * 1_000),
  }))
  return { bytes: file.length, initBytes: moofs[0] ?? 0, segments }
}

/** The `tfdt` of a fragment, in the track's timescale; its first byte says how wide the time is. */
function startOf(file: Buffer, moof: number): number {
  const tfdt = file.indexOf('tfdt', moof) + 4
  return file[tfdt] === 1 ? Number(file.readBigUInt64BE(tfdt + 4)) : file.readUInt32BE(tfdt + 4)
}
