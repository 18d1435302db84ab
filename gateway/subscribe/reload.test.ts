import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSocket, type RawSocket } from '../testing/raw-socket.ts'
import { type OpenStream, openStage, type Stage } from '../testing/stage.ts'

let stage: Stage
let socket: RawSocket

beforeEach(async () => {
  stage = await openStage()
  socket = await openSocket(stage.url)
  await socket.init()
})
afterEach(() => stage.stop())

const PLAYED = 'subscription { played { n track { title } } }'
const ids = Array.from({ length: 3 }, (_, at) => String(at + 1))

async function subscribed(query: string): Promise<OpenStream> {
  socket.subscribe('1', query)
  await expect.poll(stage.openStreams).toBe(1)
  return stage.streams.at(-1) as OpenStream
}
const titled = (n: number, title: string): object => ({ data: { played: { n, track: { title } } } })

test('20 supergraphs one after another while events flow: none is lost, none comes twice, no stream is opened again', async () => {
  for (const id of ids) socket.subscribe(id, PLAYED)
  await expect.poll(stage.openStreams).toBe(1)
  let n = 0
  let isOver = false
  const events = (async () => {
    while (!isOver) {
      for (let burst = 0; burst < 10; burst++) stage.streams[0]?.emit('played', ++n)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  })()

  for (let number = 1; number <= 20; number++) {
    await stage.reload({ number, titlesIn: number % 2 === 0 ? 'titles' : 'names' })
  }
  isOver = true
  await events

  for (const id of ids) {
    await expect.poll(() => socket.results(id).length).toBe(n)
    expect(socket.results(id).map(numberOf)).toEqual(Array.from({ length: n }, (_, at) => at + 1))
    expect(JSON.stringify(socket.results(id))).toMatch(/^(?!.*errors)(?=.*Title of)(?=.*Name of)/)
  }
  expect(n).toBeGreaterThan(200)
  expect(stage.streams).toHaveLength(1)
}, 30_000)

test('the next event is resolved as the newest supergraph has it, by whichever room that says', async () => {
  const { emit } = await subscribed(PLAYED)
  emit('played', 1)
  await expect.poll(() => socket.results()).toHaveLength(1)

  await stage.reload({ number: 1, titlesIn: 'names' })
  emit('played', 2)

  await expect
    .poll(() => socket.results())
    .toEqual([titled(1, 'Title of track-1'), titled(2, 'Name of track-2')])
  expect(stage.closed).toEqual(['titles'])
})

test('what the newest supergraph no longer has is resolved as before, and its room stays until nobody needs it', async () => {
  const { emit } = await subscribed(PLAYED)
  await stage.reload({ number: 1, titlesIn: null })
  await stage.reload({ number: 2, titlesIn: null })
  emit('played', 1)

  await expect.poll(() => socket.results()).toEqual([titled(1, 'Title of track-1')])
  expect(stage.closed).toEqual([])
  const other = await openSocket(stage.url)
  await other.init()
  other.subscribe('1', PLAYED)
  await expect.poll(() => other.frames.at(-1)?.type).toBe('error')

  socket.socket.terminate()

  await expect.poll(() => stage.closed).toEqual(['titles'])
  other.socket.terminate()
})

test('a quiet subscription goes over as well: nothing is kept for it of what is no longer served', async () => {
  await subscribed(PLAYED)

  await stage.reload({ number: 1, titlesIn: 'names' })

  expect(stage.closed).toEqual(['titles'])
})

function numberOf(result: unknown): number {
  return (result as { data: { played: { n: number } } }).data.played.n
}
