import { isUtf8 } from 'node:buffer'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import type { AppError } from '#shared/errors.ts'
import type { RoomResponse } from '#shared/room.ts'
import { away, fault, unreadable } from './faults.ts'

/** Reads what a room answered under whatever status. Throws when it is no GraphQL answer: data, errors, or both. */
export function readAnswer(room: string, status: number, bytes: Buffer | undefined): RoomResponse {
  if (bytes !== undefined && isUtf8(bytes)) {
    let answer: unknown
    try {
      answer = JSON.parse(bytes.toString())
    } catch (error) {
      throw refusal(room, status, error)
    }
    if (isAnswer(answer)) return answer
  }
  throw refusal(room, status, new Error(`HTTP ${status}, ${bytes?.length ?? 0} bytes that are no answer`))
}

/** One that was compressed unasked, as some rooms do. */
export async function decompress(
  room: string,
  encoding: string,
  bytes: Buffer,
  limitBytes: number,
): Promise<Buffer> {
  if (!Object.hasOwn(DECODERS, encoding)) throw unreadable(room, new Error(`It is encoded as ${encoding}`))
  const decode: Decode = promisify(DECODERS[encoding as keyof typeof DECODERS])
  try {
    return await decode(bytes, { maxOutputLength: limitBytes })
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      ? oversize(room)
      : unreadable(room, error)
  }
}

/** More than the door takes from a room: a matter of what was asked, not of the room's health. */
export function oversize(room: string): AppError {
  return fault('QUERY_TOO_COMPLEX', `The ${room} room answered more than is passed on`)
}

type Decode = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>

const DECODERS = { gzip: gunzip, 'x-gzip': gunzip, deflate: inflate, br: brotliDecompress }

export function isAnswer(value: unknown): value is RoomResponse {
  if (typeof value !== 'object' || value === null) return false
  const { data, errors } = value as Record<string, unknown>
  if (errors != null && !Array.isArray(errors)) return false
  if (data == null) return Array.isArray(errors) && errors.length > 0
  return typeof data === 'object' && !Array.isArray(data)
}

/** What came instead of an answer. Only what a server does wrong speaks against it: else a bad token could cost all others the room. */
export function refusal(room: string, status: number, cause: unknown): AppError {
  if (status === 401) return fault('UNAUTHENTICATED', `The ${room} room does not know the caller`, cause)
  if (status === 403) return fault('FORBIDDEN', `The ${room} room refused the caller`, cause)
  if (status === 429) return fault('RATE_LIMITED', `The ${room} room was asked too often`, cause)
  if (status >= 400 && status < 500)
    return fault('INTERNAL_SERVER_ERROR', `The ${room} room refused the request`, cause)
  return status >= 500 ? away(room, cause) : unreadable(room, cause)
}
