import type { Duplex } from 'node:stream'
import { WebSocket } from 'ws'
import type { Target } from '../subscribe/outlet.ts'

/** FIN, and that it is text; then that its length stands in the next two bytes. */
const HEAD = '\x81\x7e'

/**
 * A WebSocket as where messages end up. The library writes the head of a frame and its text apart. For text of ASCII alone, a frame
 * as servers send it (RFC 6455, section 5.2) is one text as well: in one write a message costs a sixth less. What the library sends
 * itself never comes between, for nothing is compressed.
 */
export class SocketTarget implements Target {
  readonly #socket: WebSocket
  readonly #stream: Duplex

  constructor(socket: WebSocket, stream: Duplex) {
    this.#socket = socket
    this.#stream = stream
  }

  send(head: string, result: string, tail: string): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return
    const length = head.length + result.length + tail.length
    if (length < 126 || length > 0xffff || !isAscii(result)) {
      this.#socket.send(`${head}${result}${tail}`)
      return
    }
    const twoBytes = String.fromCharCode(length >> 8, length & 0xff)
    this.#stream.write(`${HEAD}${twoBytes}${head}${result}${tail}`, 'latin1')
  }
}

/** One result goes to many, one after another. */
let latest = ''
let isLatestAscii = true

function isAscii(text: string): boolean {
  if (text !== latest) {
    latest = text
    isLatestAscii = Buffer.byteLength(text) === text.length
  }
  return isLatestAscii
}
