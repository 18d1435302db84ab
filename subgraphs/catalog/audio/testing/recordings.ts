import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { findFfmpeg } from '../ffmpeg.ts'

const run = promisify(execFile)

/** A recording as ffmpeg makes one: chords over a pulse, in the format that the name of the file says. */
export async function record(
  path: string,
  options: {
    seconds?: number
    hz?: number
    args?: readonly string[]
    tags?: Readonly<Record<string, string>>
  } = {},
): Promise<string> {
  const { seconds = 3, hz = 220, args = [], tags = {} } = options
  const tone = `0.2*sin(${hz}*2*PI*t)+0.2*sin(${hz * 1.25}*2*PI*t)+0.3*sin(${hz * 9}*2*PI*t)*exp(-30*mod(t\\,0.5))`
  await run(await findFfmpeg(), [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', `aevalsrc=${tone}|${tone}:s=44100:d=${seconds}`],
    ...Object.entries(tags).flatMap(([name, value]) => ['-metadata', `${name}=${value}`]),
    ...args,
    ...['-strict', '-2', `file:${path}`],
  ])
  return path
}
