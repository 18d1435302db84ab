import { expect, test } from 'vitest'
import { createChannel, mapStream } from './streams.ts'

test('of 500 consumers that leave while they wait, 500 are released at once', async () => {
  let closed = 0
  const streams = Array.from({ length: 500 }, () =>
    mapStream(createChannel<number>({ onClose: () => closed++ }), (n) => n * 2),
  )
  const waiting = streams.map((stream) => stream.next())

  await Promise.all(streams.map((stream) => stream.return?.()))

  expect(closed).toBe(500)
  expect(await Promise.all(waiting)).toEqual(Array(500).fill({ done: true, value: undefined }))
})

test('what is pushed comes out in order, waited for or not, and then the end', async () => {
  const channel = createChannel<number>()
  const first = channel.next()
  for (const n of [1, 2, 3]) channel.push(n)
  channel.close()
  channel.push(4)

  expect(await first).toEqual({ done: false, value: 1 })
  const rest: number[] = []
  for await (const n of channel) rest.push(n)
  expect(rest).toEqual([2, 3])
})

test('an error closes the stream after what is queued, and is thrown once', async () => {
  let closed = 0
  const channel = createChannel<string>({ onClose: () => closed++ })
  channel.push('last words')
  channel.close(new Error('gone'))
  channel.close(new Error('gone again'))

  expect(await channel.next()).toEqual({ done: false, value: 'last words' })
  await expect(channel.next()).rejects.toThrow('gone')
  expect(await channel.next()).toEqual({ done: true, value: undefined })
  expect(closed).toBe(1)
})

test('an error reaches a consumer that waits, once', async () => {
  const channel = createChannel<string>()
  const waiting = channel.next()

  channel.close(new Error('gone'))

  await expect(waiting).rejects.toThrow('gone')
  expect((await channel.next()).done).toBe(true)
})

test('a consumer that falls behind is cut off, however slow it is to notice', async () => {
  let closed = 0
  const channel = createChannel<number>({ limit: 3, onClose: () => closed++ })
  for (let n = 0; n < 1_000; n++) channel.push(n)

  expect(closed).toBe(1)
  const seen: number[] = []
  await expect(
    (async () => {
      for await (const n of channel) seen.push(n)
    })(),
  ).rejects.toThrow('fell behind')
  expect(seen).toEqual([0, 1, 2, 3])
})

test('a loop over a mapped stream that breaks closes the source', async () => {
  let closed = 0
  const channel = createChannel<number>({ onClose: () => closed++ })
  channel.push(1)

  for await (const n of mapStream(channel, async (n) => n + 1)) {
    expect(n).toBe(2)
    break
  }

  expect(closed).toBe(1)
})
