import type { Writable } from 'node:stream'

/** What one operation has to say to its client: dropped as a whole when the client no longer wants it. */
export interface Lane {
  /** Messages of it that wait. */
  waiting: number
  isClosed: boolean
}

export interface OutletOptions {
  /** Where messages end up. It says when it is full, and when it no longer is. */
  stream: Writable
  target: Target
  onReady(): void
  /** More waits than is kept. */
  onOverflow(): void
}

export interface Target {
  /** A message in parts, all of them ASCII but `result`, which is one text for all who are sent the same. */
  send(head: string, result: string, tail: string): void
}

interface Message {
  lane: Lane
  head: string
  result: string
  tail: string
}

/** Messages of one lane; and characters of all results, unless a single one has more. */
const LIMITS = { waiting: 128, characters: 4 * 1024 * 1024 }

/**
 * Sends to one client, and keeps what it cannot take yet: little, for one that does not read would cost memory without end. What a
 * stream has buffered shows a slow client only to who goes on writing. So nothing is written while it is full: what waits then
 * waits here, where it is counted. A class: with closures, a message to each of 1,000 clients costs a tenth more, in caches missed.
 */
export class Outlet {
  readonly #stream: Writable
  readonly #target: Target
  readonly #options: OutletOptions
  readonly #queue: Message[] = []
  #waiting = 0
  #characters = 0
  #isClosed = false
  #hasMoved = true
  readonly #flush = (): void => this.#sendWaiting()

  constructor(options: OutletOptions) {
    this.#stream = options.stream
    this.#target = options.target
    this.#options = options
    this.#stream.on('drain', this.#flush)
  }

  /** Whether the client takes a message at once. */
  isReady(): boolean {
    return this.#waiting === 0 && !this.#stream.writableNeedDrain
  }

  send(lane: Lane, head: string, result: string, tail: string): void {
    if (this.#isClosed) return
    if (this.isReady()) {
      this.#target.send(head, result, tail)
      return
    }
    this.#queue.push({ lane, head, result, tail })
    this.#waiting++
    this.#characters += result.length
    lane.waiting++
    const isTooMuch = this.#characters > LIMITS.characters && this.#waiting > 1
    if (lane.waiting > LIMITS.waiting || isTooMuch) this.#options.onOverflow()
  }

  /** Whether nothing at all went out since this was last asked, though something should have. */
  hasStalled(): boolean {
    const hasStalled = !this.#hasMoved && !this.isReady()
    this.#hasMoved = false
    return hasStalled
  }

  /** Drops what waits. */
  close(): void {
    this.#isClosed = true
    this.#queue.length = 0
    this.#stream.off('drain', this.#flush)
  }

  #sendWaiting(): void {
    this.#hasMoved = true
    while (!this.#stream.writableNeedDrain) {
      const next = this.#queue.shift()
      if (next === undefined) {
        this.#options.onReady()
        return
      }
      this.#waiting--
      const { lane, head, result, tail } = next
      this.#characters -= result.length
      lane.waiting--
      if (!lane.isClosed) this.#target.send(head, result, tail)
    }
  }
}
