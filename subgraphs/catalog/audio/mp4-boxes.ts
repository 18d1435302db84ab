import type { FileHandle } from 'node:fs/promises'

/** A box of an MP4 file (ISO/IEC 14496-12): four letters, and where it lies. */
export interface Box {
  type: string
  offset: number
  bytes: number
}

/** The box that starts at an offset, or null when the file ends before it does. */
export async function readBox(file: FileHandle, offset: number, size: number): Promise<Box | null> {
  const header = Buffer.alloc(16)
  const { bytesRead } = await file.read(header, 0, 16, offset)
  if (bytesRead < 8) return null
  const short = header.readUInt32BE(0)
  const bytes = short === 1 && bytesRead === 16 ? Number(header.readBigUInt64BE(8)) : short
  if (bytes < 8 || offset + bytes > size) return null
  return { type: header.toString('latin1', 4, 8), offset, bytes }
}

/** What is inside a box: everything after its size and type. */
export async function readBody(file: FileHandle, box: Box): Promise<Buffer> {
  const body = Buffer.alloc(box.bytes - 8)
  await file.read(body, 0, body.length, box.offset + 8)
  return body
}

/** The contents of the first box found by following a path of types down. */
export function find(body: Buffer, path: readonly string[]): Buffer | null {
  let inside = body
  for (const type of path) {
    const found = child(inside, type)
    if (found === null) return null
    inside = found
  }
  return inside
}

function child(body: Buffer, type: string): Buffer | null {
  for (let at = 0; at + 8 <= body.length; ) {
    const bytes = body.readUInt32BE(at)
    if (bytes < 8) return null
    if (body.toString('latin1', at + 4, at + 8) === type) return body.subarray(at + 8, at + bytes)
    at += bytes
  }
  return null
}

/** A 32-bit number in a box found by a path of types; 0 when there is none. */
export function field(body: Buffer, path: readonly string[], at: number): number {
  const box = find(body, path)
  return box !== null && box.length >= at + 4 ? box.readUInt32BE(at) : 0
}
