import { WebSocket } from 'ws'

export interface Frame {
  type: string
  id?: string
  payload?: unknown
}

/** A socket of frames written by hand, so that a test can break the protocol. */
export interface RawSocket {
  socket: WebSocket
  send(frame: object | string): void
  frames: Frame[]
  /** Sends `connection_init` and waits for the acknowledgement. */
  init(payload?: object): Promise<void>
  subscribe(id: string, query: string, variables?: object): void
  /** The payloads of an operation's results, as they have come so far. */
  results(id?: string): unknown[]
  closed: Promise<{ code: number; reason: string }>
}

export async function openSocket(url: string, protocol = 'graphql-transport-ws'): Promise<RawSocket> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), protocol)
  const frames: Frame[] = []
  socket.on('message', (text) => frames.push(JSON.parse(String(text))))
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }))
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  const send = (frame: object | string): void =>
    socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  return {
    socket,
    send,
    frames,
    async init(payload) {
      send({ type: 'connection_init', payload })
      await Promise.race([new Promise((resolve) => socket.once('message', resolve)), closed])
    },
    subscribe: (id, query, variables = {}) => send({ id, type: 'subscribe', payload: { query, variables } }),
    results: (id = '1') =>
      frames.filter((frame) => frame.type === 'next' && frame.id === id).map(({ payload }) => payload),
    closed,
  }
}
