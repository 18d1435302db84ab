import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { HttpHandler } from '#shared/room.ts'

/** A room's plain HTTP on a port of its own. */
export interface ServedHandlers extends AsyncDisposable {
  url: string
}

export async function serveHandlers(handlers: readonly HttpHandler[]): Promise<ServedHandlers> {
  const server = createServer((request, response) => {
    if (!handlers.some((answers) => answers(request, response))) response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
