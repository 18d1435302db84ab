import type { Readable } from 'node:stream'
import type { HttpHandler } from '../room.ts'

/** First and last byte, both included, as HTTP counts them. */
export interface ObjectRange {
  first: number
  last: number
}

export interface StoredObject {
  key: string
  bytes: number
}

/** Bytes for who sends them on at once: read to the end, or returned. */
export interface ObjectPieces {
  /** What the whole object has. */
  bytes: number
  /** A piece is good until the next one is asked for. */
  pieces: AsyncIterableIterator<Buffer>
}

/** What a client may put at a key, once signed: exactly so many bytes, until then. */
export interface UploadPermit {
  bytes: number
  expiresAt: Date
}

/**
 * Where audio, originals and artwork lie: objects under keys, in a folder or in S3. An object is there whole or not at all, and every key
 * that anybody plays from is written once. Keys are parts of letters, digits, `_`, `-` and `.` between slashes, none beginning with a dot:
 * no key leads out of a folder.
 */
export interface ObjectStorage {
  put(key: string, bytes: Uint8Array): Promise<void>
  /** Takes the file at `path`, which is gone from there afterwards. */
  putFile(key: string, path: string): Promise<void>
  find(key: string): Promise<StoredObject | null>
  /** The bytes, all or one range of them; `bytes` is what the whole object has. Throws an ObjectMissing before anything is read. */
  read(key: string, range?: ObjectRange): Promise<{ bytes: number; body: Readable }>
  /** One range as above, without the weight of a stream. Whoever asks for it reads to its end or calls `return`. */
  readPieces(key: string, range: ObjectRange): Promise<ObjectPieces>
  /** Every object whose key begins so, in no order. */
  list(prefix: string): AsyncIterable<StoredObject>
  /** What is not there is no fault. */
  delete(keys: readonly string[]): Promise<void>
  /** An address to which a client may PUT this object without being known to the storage. */
  presignPut(key: string, permit: UploadPermit): Promise<string>
  /** Answers those addresses, where the storage has no server of its own. */
  readonly handler: HttpHandler | null
  close(): Promise<void>
}

/** There is no object under this key. */
export class ObjectMissing extends Error {
  constructor(key: string) {
    super(`Nothing is stored under ${key}`)
    this.name = 'ObjectMissing'
  }
}

const KEY = /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/
const MAX_KEY = 512

/** The key itself; a RangeError when it is none. */
export function checkKey(key: string): string {
  if (key.length <= MAX_KEY && KEY.test(key)) return key
  throw new RangeError(`"${key.slice(0, 80)}" is no key of an object`)
}
