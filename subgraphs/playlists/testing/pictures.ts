import { spawnSync } from 'node:child_process'
import installed from '@ffmpeg-installer/ffmpeg'

/** A real picture of the size given, with a comment in it that a viewer has no use for. */
export function makePicture(kind: 'jpeg' | 'png', width: number, height: number): Buffer {
  const codec = kind === 'jpeg' ? ['-c:v', 'mjpeg'] : ['-c:v', 'png']
  const source = ['-f', 'lavfi', '-i', `testsrc=size=${width}x${height}:rate=1`]
  return run([
    ...source,
    '-frames:v',
    '1',
    '-pix_fmt',
    kind === 'jpeg' ? 'yuvj420p' : 'rgb24',
    ...codec,
    '-f',
    'image2pipe',
    '-',
  ])
}

/** The pixels of a picture, as a decoder other than ours sees them. */
export function pixelsOf(picture: Buffer): Buffer {
  return run(['-f', 'image2pipe', '-i', '-', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'], picture)
}

function run(args: readonly string[], input?: Buffer): Buffer {
  const { status, stdout, stderr } = spawnSync(installed.path, ['-v', 'error', ...args], {
    input,
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new Error(String(stderr))
  return stdout
}

/** A JPEG with one more segment right behind its start. */
export function withSegment(jpeg: Buffer, marker: number, content: string): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(content.length + 2, 2)
  return Buffer.concat([jpeg.subarray(0, 2), head, Buffer.from(content), jpeg.subarray(2)])
}
