import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What becomes of a connection: `reach` connects to the real server behind. */
export type Manner = (client: Socket, reach: () => Socket) => void

/** A TCP proxy before one server, for all that can go wrong on the way to it. */
export interface FaultProxy {
  readonly port: number
  /** Connections that are open now. */
  readonly open: number
  /** Connections that are closed by now. */
  readonly gone: number
  /** The most that were open at once. */
  readonly most: number
  /** Connections so far on which something was said. */
  readonly heard: number
  /** Cuts what is open and treats whoever comes from now on in this manner; null refuses them. */
  behave(manner: Manner | null): Promise<void>
  close(): Promise<void>
}

export async function createFaultProxy(targetPort: number): Promise<FaultProxy> {
  const clients = new Set<Socket>()
  let manner: Manner = passing
  let gone = 0
  let most = 0
  let heard = 0

  const server = createServer((client) => {
    clients.add(client)
    most = Math.max(most, clients.size)
    client.once('data', () => heard++)
    client.on('close', () => clients.delete(client) && gone++).on('error', () => client.destroy())
    manner(client, () => {
      const behind = connect(targetPort, '127.0.0.1')
      behind.on('error', () => client.destroy()).on('close', () => client.destroy())
      client.on('close', () => behind.destroy())
      return behind
    })
  })
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const close = async (): Promise<void> => {
    const closed = server.listening ? new Promise((resolve) => server.close(resolve)) : undefined
    for (const client of clients) client.destroy()
    await closed
  }
  await listen(0)
  const { port } = server.address() as AddressInfo

  return {
    port,
    get open() {
      return clients.size
    },
    get gone() {
      return gone
    },
    get most() {
      return most
    },
    get heard() {
      return heard
    },
    async behave(next) {
      if (next === null) {
        await close()
        return
      }
      manner = next
      for (const client of clients) client.destroy()
      if (!server.listening) await listen(port)
    },
    close,
  }
}

export const passing: Manner = (client, reach) => {
  const behind = reach()
  client.pipe(behind)
  behind.pipe(client)
}

/** Listens and never says a word. */
export const silent: Manner = (client) => {
  client.resume()
}

/** Cuts the connection as soon as something is asked. */
export const resetting: Manner = (client) => {
  client.once('data', () => client.resetAndDestroy())
}

/** Answers as it should, `ms` later. */
export const late =
  (ms: number): Manner =>
  (client, reach) => {
    const behind = reach()
    client.pipe(behind)
    behind.on('data', (chunk) => setTimeout(() => client.destroyed || client.write(chunk), ms))
  }

/** Begins to answer as it should, and cuts the connection after so many bytes. */
export const cutting =
  (bytes: number): Manner =>
  (client, reach) => {
    const behind = reach()
    client.pipe(behind)
    behind.once('data', (chunk) => client.end(chunk.subarray(0, bytes), () => client.destroy()))
  }

/** Says this whatever is asked. */
export const saying =
  (bytes: string | Buffer): Manner =>
  (client) => {
    client.on('data', () => client.write(bytes))
  }

/** Says this, and then something more every now and then, without an end. */
export const dripping =
  (head: string, drop: string, everyMs: number): Manner =>
  (client) => {
    client.once('data', () => {
      client.write(head)
      const tap = setInterval(() => client.write(drop), everyMs)
      client.on('close', () => clearInterval(tap))
    })
  }
