import { isCountry } from '#shared/countries.ts'
import { Refusal } from '#shared/errors.ts'
import { isPlainText } from '#shared/text.ts'

export const UPLOAD_LIMITS = {
  title: 200,
  fileName: 255,
  minBytes: 1024,
  maxBytes: 2 * 1024 ** 3,
} as const

/** What a client says of a file that it is about to send. */
export interface UploadInput {
  artistId: string
  title: string
  albumTitle?: string | null | undefined
  fileName: string
  sizeBytes: number
  markets?: readonly string[] | null | undefined
}

/** The same, checked: texts trimmed, each market once. */
export interface UploadWish {
  artistId: string
  title: string
  albumTitle: string | null
  fileName: string
  sizeBytes: number
  markets: string[] | null
}

/** Throws a Refusal that names the field. */
export function readUploadInput(input: UploadInput): UploadWish {
  const { artistId, sizeBytes, albumTitle } = input
  const { minBytes, maxBytes } = UPLOAD_LIMITS
  if (sizeBytes < minBytes || sizeBytes > maxBytes)
    throw new Refusal('BAD_USER_INPUT', `A file has ${minBytes} to ${maxBytes} bytes`, ['sizeBytes'])
  return {
    artistId,
    title: readText(input.title, UPLOAD_LIMITS.title, 'title'),
    albumTitle: albumTitle == null ? null : readText(albumTitle, UPLOAD_LIMITS.title, 'albumTitle'),
    fileName: readText(input.fileName, UPLOAD_LIMITS.fileName, 'fileName'),
    sizeBytes,
    markets: input.markets == null ? null : readMarkets(input.markets),
  }
}

function readText(given: string, max: number, field: string): string {
  const text = given.trim()
  const isVisible = /[^\p{Z}\p{C}]/u.test(text)
  if (!isVisible || [...text].length > max || !isPlainText(text))
    throw new Refusal('BAD_USER_INPUT', `${field} has 1 to ${max} characters, and some that can be seen`, [
      field,
    ])
  return text
}

function readMarkets(markets: readonly string[]): string[] {
  const unknown = markets.find((market) => !isCountry(market))
  if (unknown !== undefined)
    throw new Refusal('COUNTRY_UNKNOWN', 'Give markets by the two letters of ISO 3166-1, like SE', [
      'markets',
    ])
  return [...new Set(markets)].sort()
}
