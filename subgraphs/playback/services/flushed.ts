import type { ServerResponse } from 'node:http'

/** Resolves when what was written has left us; rejects when the client leaves first. */
export function flushed(
  response: ServerResponse,
  write: (done: (error?: Error | null) => void) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const { socket } = response.req
    const leave = (): void => reject(Object.assign(new Error('The client left'), { code: 'ECONNRESET' }))
    if (socket.destroyed) return leave()
    // Of a response that waits behind another on its connection, only the connection says that it is over.
    socket.once('close', leave)
    write((error) => {
      socket.off('close', leave)
      if (error == null) resolve()
      else reject(error)
    })
  })
}
