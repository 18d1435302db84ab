import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { SocketTarget } from './socket-target.ts'

test('what is written arrives, whatever its length and its characters, and after the end nothing is', async () => {
  const lengths = [
    0, 1, 124, 125, 126, 127, 255, 256, 32_767, 32_768, 65_534, 65_535, 65_536, 65_537, 200_000,
  ]
  const letters = ['x', '\x7f', '\u0080', 'é', '€', '🎵']
  const sent: string[] = []
  const server = createServer()
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  server.on('upgrade', (request, stream, head) => {
    sockets.handleUpgrade(request, stream, head, (socket) => {
      const target = new SocketTarget(socket, stream)
      for (const [turn, letter] of [...letters, ...letters].entries()) {
        for (const length of lengths) {
          const result = letter.repeat(length).slice(0, length - 2 * (turn % 2))
          const [begin, end] = turn % 2 === 0 ? ['', ''] : ['<', '>']
          sent.push(`${begin}${result}${end}`)
          target.send(begin, result, end)
          if (length === 126) socket.ping()
        }
      }
      socket.close(4000, 'enough')
      target.send('', 'y'.repeat(200), '')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const received: string[] = []
  client.on('message', (text) => received.push(String(text)))

  const [code] = await once(client, 'close')

  expect(code).toBe(4000)
  expect(received.map((text) => Buffer.from(text).toString('base64'))).toEqual(
    sent.map((text) => Buffer.from(text).toString('base64')),
  )
  server.close()
})
