import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makePicture, pixelsOf, withSegment } from '../testing/pictures.ts'
import { readPicture } from './picture.ts'

const jpeg = makePicture('jpeg', 160, 120)
const png = makePicture('png', 160, 120)

/** A PNG with one more chunk before its end. */
function withChunk(picture: Buffer, name: string, content: string): Buffer {
  const body = Buffer.from(name + content)
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(content.length, 0)
  frame.writeUInt32BE(crc32(body), 4)
  const end = picture.length - 12
  return Buffer.concat([
    picture.subarray(0, end),
    frame.subarray(0, 4),
    body,
    frame.subarray(4),
    picture.subarray(end),
  ])
}

test.each([
  ['image/jpeg', jpeg],
  ['image/png', png],
])('%s: a real picture is read, and shows the same when it has been cleaned', (mediaType, bytes) => {
  const picture = readPicture(bytes)

  expect(picture).toMatchObject({ mediaType, width: 160, height: 120 })
  expect(pixelsOf(picture?.bytes as Buffer)).toEqual(pixelsOf(bytes))
})

test('what a viewer has no use for is left out: place, camera, comments, thumbnails, and what stands behind the end', () => {
  const secret = 'somebody lives here'
  const tagged = withSegment(withSegment(jpeg, 0xe1, `Exif\0\0${secret}`), 0xfe, secret)
  const jpegs = [tagged, Buffer.concat([jpeg, Buffer.from(secret)])]
  const pngs = [
    withChunk(png, 'tEXt', secret),
    withChunk(png, 'eXIf', secret),
    Buffer.concat([png, Buffer.from(secret)]),
  ]

  for (const bytes of jpegs) expect(readPicture(bytes)?.bytes).toEqual(readPicture(jpeg)?.bytes)
  for (const bytes of pngs) expect(readPicture(bytes)?.bytes).toEqual(readPicture(png)?.bytes)
  for (const bytes of [...jpegs, ...pngs]) expect(readPicture(bytes)?.bytes.includes(secret)).toBe(false)
})

test('a progressive JPEG is read with all its scans', () => {
  // The same frame twice: a scan behind a scan, with tables between them.
  const scan = jpeg.indexOf(Buffer.from([0xff, 0xda]))
  const twice = Buffer.concat([jpeg.subarray(0, -2), jpeg.subarray(scan, -2), jpeg.subarray(-2)])

  expect(readPicture(twice)?.bytes.length).toBeGreaterThan(jpeg.length - scan)
})

test.each([
  ['jpeg', 100, 100, true],
  ['jpeg', 99, 100, false],
  ['jpeg', 100, 99, false],
  ['png', 4_096, 100, true],
  ['png', 4_097, 100, false],
  ['png', 100, 4_097, false],
] as const)('a %s of %i by %i pixels is taken: %s', (kind, width, height, isTaken) => {
  expect(readPicture(makePicture(kind, width, height)) !== null).toBe(isTaken)
})

test('what only begins like a picture, or says it is one, is none', () => {
  const gif = Buffer.from('GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!', 'latin1')
  const html = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
  const others = [Buffer.alloc(0), gif, html, Buffer.concat([jpeg.subarray(0, 4), html]), png.subarray(0, 33)]

  for (const bytes of others) expect(readPicture(bytes)).toBeNull()
  for (const bytes of [jpeg, png])
    for (let end = 0; end < bytes.length - 1; end += 97)
      expect(readPicture(bytes.subarray(0, end))).toBeNull()
})

test('a PNG of which a bit has turned is none', () => {
  for (let at = 8; at < png.length; at += 61) {
    const turned = Buffer.from(png)
    turned[at] = (turned[at] ?? 0) ^ 1
    expect(readPicture(turned)).toBeNull()
  }
})

test('no bytes bring it down, or make it hang', () => {
  const seed = Date.now() % 1_000_000_007
  const start = fc.constantFrom(
    Buffer.alloc(0),
    jpeg.subarray(0, 2),
    jpeg.subarray(0, 300),
    png.subarray(0, 8),
    png.subarray(0, 60),
  )
  const bytes = fc.tuple(start, fc.uint8Array({ maxLength: 2_000 })).map((parts) => Buffer.concat(parts))

  fc.assert(
    fc.property(bytes, (input) => {
      const picture = readPicture(input)
      expect(picture === null || picture.bytes.length <= input.length).toBe(true)
    }),
    { seed, numRuns: 2_000 },
  )
  process.stdout.write(`pictures: seed ${seed}\n`)
})
