import { connect, type Socket } from 'node:net'

/** A WebSocket that only counts what it is sent: with a library in its place, the client would be what is measured. */
export interface CountingSocket {
  send(text: string): void
  close(): void
}

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
const [TEXT, PING] = [0x1, 0x9]

/** Settles once the handshake is done. `onText` gets each message as a way to read it, for most are not read. */
export function openCountingSocket(
  port: number,
  protocol: string | null,
  onText: (read: () => string) => void,
): Promise<CountingSocket> {
  const stream: Socket = connect(port, '127.0.0.1')
  stream.setNoDelay(true)
  const send = (text: string): void => void stream.write(frameOf(TEXT, Buffer.from(text)))
  return new Promise((resolve, reject) => {
    let isOpen = false
    let pending: Buffer | null = null
    stream.on('error', reject)
    stream.on('connect', () => {
      const wanted = protocol === null ? '' : `Sec-WebSocket-Protocol: ${protocol}\r\n`
      stream.write(
        `GET /graphql HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n${wanted}\r\n`,
      )
    })
    stream.on('data', (chunk: Buffer) => {
      let bytes = pending === null ? chunk : Buffer.concat([pending, chunk])
      if (!isOpen) {
        const end = bytes.indexOf('\r\n\r\n')
        if (end < 0) {
          pending = bytes
          return
        }
        isOpen = true
        bytes = bytes.subarray(end + 4)
        resolve({ send, close: () => stream.destroy() })
      }
      const rest = readFrames(bytes, (kind, from, to) => {
        if (kind === TEXT) onText(() => bytes.toString('utf8', from, to))
        else if (kind === PING) stream.write(frameOf(0xa, bytes.subarray(from, to)))
      })
      pending = rest === bytes.length ? null : bytes.subarray(rest)
    })
  })
}

/** Returns where the first frame begins that is not whole. */
function readFrames(bytes: Buffer, onFrame: (kind: number, from: number, to: number) => void): number {
  let at = 0
  while (bytes.length - at >= 2) {
    const short = (bytes[at + 1] ?? 0) & 0x7f
    const header = short === 126 ? 4 : 2
    if (short === 127) throw new Error('A message of 64 KiB is not what is measured here')
    if (bytes.length - at < header) break
    const end = at + header + (short === 126 ? bytes.readUInt16BE(at + 2) : short)
    if (bytes.length < end) break
    onFrame((bytes[at] ?? 0) & 0x0f, at + header, end)
    at = end
  }
  return at
}

/** Masked with zeros, which leaves the payload as it is. */
function frameOf(kind: number, payload: Buffer): Buffer {
  const short = payload.length < 126
  const header = Buffer.alloc(short ? 6 : 8)
  header[0] = 0x80 | kind
  header[1] = 0x80 | (short ? payload.length : 126)
  if (!short) header.writeUInt16BE(payload.length, 2)
  return Buffer.concat([header, payload])
}
