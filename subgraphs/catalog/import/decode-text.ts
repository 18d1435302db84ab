/** What a byte order mark says, the longest first. */
const MARKS: readonly [string, readonly number[]][] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
]

/** Encodings that texts still come in, each with how much of what is not ASCII it must make of letters of its own to be believed. */
const GUESSES: readonly [string, RegExp][] = [
  ['shift_jis', /[\u3041-\u30ff]/gu],
  ['gb18030', /[\u4e00-\u9fff]/gu],
]

/**
 * The text of a file: as its mark says, or as it says itself (`declared`), or UTF-8, or by what makes sense. What is in no encoding we
 * know is read as Windows-1252, in which everything is something.
 */
export function decodeText(bytes: Uint8Array, declared: string | null = null): string {
  const marked = MARKS.find(([, mark]) => mark.every((byte, place) => bytes[place] === byte))
  const known = marked?.[0] ?? declared
  const decoded = known === null ? null : decode(known, bytes, false)
  return decoded ?? decodeUnmarked16(bytes) ?? decode('utf-8', bytes) ?? guess(bytes)
}

/** UTF-16 without a mark: of texts in Latin letters every other byte is 0. */
function decodeUnmarked16(bytes: Uint8Array): string | null {
  const zeros = [0, 0]
  for (const [place, byte] of bytes.subarray(0, 1_024).entries())
    if (byte === 0) zeros[place % 2] = (zeros[place % 2] ?? 0) + 1
  const [even = 0, odd = 0] = zeros
  if (Math.max(even, odd) * 4 < Math.min(bytes.length, 1_024)) return null
  return decode(odd > even ? 'utf-16le' : 'utf-16be', bytes)
}

function guess(bytes: Uint8Array): string {
  for (const [encoding, own] of GUESSES) {
    const text = decode(encoding, bytes)
    const foreign = text?.match(/\P{ASCII}/gu)?.length ?? 0
    if (text !== null && (text.match(own)?.length ?? 0) * 2 > foreign) return text
  }
  return decode('windows-1252', bytes) ?? ''
}

function decode(encoding: string, bytes: Uint8Array, isFatal = true): string | null {
  try {
    const decoder = new TextDecoder(encoding, { fatal: isFatal })
    const text = decoder.decode(bytes)
    return decoder.encoding === 'windows-1252' ? withSigns(text) : text
  } catch {
    return null
  }
}

/** Where Windows-1252 is not Latin-1. */
const SIGNS = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'

/** Several versions of Node decode Windows-1252 as if it were Latin-1 (nodejs/node#56542). */
function withSigns(text: string): string {
  return text.replace(/[\u0080-\u009f]/g, (control) => SIGNS[control.charCodeAt(0) - 0x80] ?? control)
}
