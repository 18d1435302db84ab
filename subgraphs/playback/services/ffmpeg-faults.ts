/**
 * FFmpeg 4 and older (the 2018 build that comes with our packages is one) read byte ranges over HTTP/1.1 with two faults. On
 * a kept connection they ask for the next range with the bounds of the last one: the edge closes the connection, and they ask
 * anew. And while reading ahead they never get to the last segment: the playlist gives them the header once more at the end,
 * which they lose instead, and which later versions skip.
 */
export function isOldFfmpeg(userAgent: string | undefined): boolean {
  return /^Lavf\/5[0-8]\./.test(userAgent ?? '')
}

/**
 * Every FFmpeg asks for the key of an encrypted segment with the range of that segment, and takes the answer for none when it does not
 * begin there. The Content-Range it wants to see, for its 16 bytes; null for everybody else, who gets the key whole.
 */
export function keyRangeForFfmpeg(userAgent: string | undefined, range: string | undefined): string | null {
  const first = /^bytes=(\d{1,15})-/.exec(range ?? '')?.[1]
  if (first === undefined || !/^Lavf\//.test(userAgent ?? '')) return null
  return `bytes ${first}-${Number(first) + 15}/*`
}
