import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import type { Transport } from '../../../web/playlist-client/outbox.ts'
import type { ApiClient } from '../../testing/client.ts'

/** A client of graphql-ws as the README of the playlist client has it, whose socket can be torn out and held back. */
export interface Socket extends Transport {
  /** The network is gone, without a goodbye; graphql-ws connects again by itself. */
  cut(): void
  /** Reads no more, as a phone that has gone to sleep; the socket stays open. */
  sleep(): void
  wake(): void
  /** How often it has connected. */
  connections(): number
  close(): void
}

const RECONNECT_MS = 100

export function openSocket(door: string, person: ApiClient | null): Socket {
  let current: WebSocket | null = null
  let connections = 0
  const client = createClient({
    url: door.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    lazyCloseTimeout: 1_000,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, Math.random() * RECONNECT_MS)),
    ...(person !== null && { connectionParams: () => ({ authorization: `Bearer ${person.token}` }) }),
    on: {
      opened(socket) {
        current = socket as WebSocket
        connections++
      },
    },
  })
  return {
    subscribe: client.subscribe,
    cut: () => current?.terminate(),
    sleep: () => current?.pause(),
    wake: () => current?.resume(),
    connections: () => connections,
    close() {
      current?.resume()
      client.terminate()
      void client.dispose()
    },
  }
}
