import type { Dispatcher } from 'undici'
import type { RoomResponse, StopSignal } from '#shared/room.ts'
import type { Deadlines, Waiting } from '../deadlines.ts'
import { decompress, oversize, readAnswer } from './answer.ts'
import { away, fault, late } from './faults.ts'
import type { RetryBudget } from './retry-budget.ts'

/** What all requests to one room have in common. */
export interface Line {
  readonly room: string
  dispatcher: Dispatcher
  readonly deadlines: Deadlines
  readonly retries: RetryBudget
  readonly answerLimitBytes: number
}

export interface ExchangeOptions extends Pick<Waiting, 'dueAt' | 'signal'> {
  /** Whether it may be sent twice: never true of a mutation. */
  isRepeatable: boolean
}

/** Sends one request and reads its answer. Rejects with an AppError. */
export function exchange(
  line: Line,
  request: Dispatcher.DispatchOptions,
  options: ExchangeOptions,
): Promise<RoomResponse> {
  return new Promise((resolve, reject) => new Exchange(line, request, options, resolve, reject).begin())
}

const JITTER_MS = 50

/** Nothing came back: the connection was refused, or cut before the first byte. */
const UNCONNECTED = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
])

/**
 * undici's handler, written out: collecting an answer by its streams costs a fifth more. A class, because there is one for
 * every call: its methods are made once.
 */
class Exchange implements Dispatcher.DispatchHandler, Waiting {
  seat = -1
  readonly dueAt: number
  readonly signal: StopSignal | undefined
  readonly #line: Line
  readonly #request: Dispatcher.DispatchOptions
  readonly #resolve: (answer: RoomResponse) => void
  readonly #reject: (error: unknown) => void
  #isRepeatable: boolean
  #isOver = false
  #controller: Dispatcher.DispatchController | undefined
  #status = 0
  #encoding = ''
  #first: Buffer | undefined
  #rest: Buffer[] | undefined
  #length = 0

  constructor(
    line: Line,
    request: Dispatcher.DispatchOptions,
    { dueAt, signal, isRepeatable }: ExchangeOptions,
    resolve: (answer: RoomResponse) => void,
    reject: (error: unknown) => void,
  ) {
    this.#line = line
    this.#request = request
    this.dueAt = dueAt
    this.signal = signal
    this.#isRepeatable = isRepeatable
    this.#resolve = resolve
    this.#reject = reject
  }

  begin(): void {
    this.#line.retries.earn()
    this.#line.deadlines.watch(this)
    this.#send()
  }

  giveUp(reason?: unknown): void {
    this.#fail(reason ?? late(this.#line.room))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    // Given up on while it waited for a socket: that is not spent on it, as it would be if the controller were told.
    if (this.#isOver) throw new Error('Nobody waits for it')
  }

  onResponseStarted(): void {
    this.#isRepeatable = false
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status
    const encoding = headers['content-encoding']
    if (encoding !== undefined) this.#encoding = String(encoding).toLowerCase()
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#length += chunk.length
    if (this.#length > this.#line.answerLimitBytes) this.#fail(oversize(this.#line.room))
    else if (this.#first === undefined) this.#first = chunk
    else if (this.#rest === undefined) this.#rest = [this.#first, chunk]
    else this.#rest.push(chunk)
  }

  onResponseEnd(): void {
    if (this.#isOver) return
    const bytes = this.#rest === undefined ? this.#first : Buffer.concat(this.#rest, this.#length)
    if (this.#encoding === '' || this.#encoding === 'identity' || bytes === undefined) {
      this.#read(bytes)
      return
    }
    const { room, answerLimitBytes } = this.#line
    decompress(room, this.#encoding, bytes, answerLimitBytes).then(
      (text) => this.#read(text),
      (error: unknown) => this.#fail(error),
    )
  }

  onResponseError(_: Dispatcher.DispatchController, error: NodeJS.ErrnoException): void {
    if (this.#isOver) return
    const { room, retries } = this.#line
    if (this.#isRepeatable && UNCONNECTED.has(error.code ?? '') && retries.spend()) {
      this.#isRepeatable = false
      setTimeout(() => this.#send(), Math.random() * JITTER_MS)
    } else if (error.code === 'UND_ERR_INVALID_ARG') {
      this.#fail(fault('BAD_USER_INPUT', 'A header cannot be passed on', error))
    } else this.#fail(away(room, error))
  }

  #send(): void {
    if (!this.#isOver) this.#line.dispatcher.dispatch(this.#request, this)
  }

  #read(bytes: Buffer | undefined): void {
    if (this.#isOver) return
    try {
      this.#resolve(readAnswer(this.#line.room, this.#status, bytes))
      this.#end()
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    if (this.#isOver) return
    this.#end()
    this.#reject(error)
    // Its socket is freed now, and not when the room has said all it has to say.
    this.#controller?.abort(new Error('Nobody waits for it'))
  }

  #end(): void {
    this.#isOver = true
    this.#line.deadlines.unwatch(this)
  }
}
