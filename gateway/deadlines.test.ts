import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createDeadlines, type Waiting, within } from './deadlines.ts'

function waitFor(ms: number, signal?: AbortSignal): Waiting & { gaveUp: unknown[] } {
  return {
    dueAt: performance.now() + ms,
    signal,
    seat: -1,
    gaveUp: [],
    giveUp(reason) {
      this.gaveUp.push(reason)
    },
  }
}

test('gives up what is late or left, once, and nothing else', async () => {
  const deadlines = createDeadlines()
  const leaving = new AbortController()
  const [late, left, patient, gone] = [
    waitFor(30),
    waitFor(5_000, leaving.signal),
    waitFor(5_000),
    waitFor(30),
  ]
  for (const waiting of [late, left, patient, gone]) deadlines.watch(waiting)
  deadlines.unwatch(gone)
  leaving.abort('bye')

  await sleep(120)

  expect([late, left, patient, gone].map(({ gaveUp }) => gaveUp)).toEqual([[undefined], ['bye'], [], []])
})

test('lets go of any of many, in any order, and of nothing twice', async () => {
  const deadlines = createDeadlines()
  const all = Array.from({ length: 100 }, () => waitFor(30))
  for (const waiting of all) deadlines.watch(waiting)

  const kept = all.filter((waiting, index) => {
    if (index % 3 === 0) return true
    deadlines.unwatch(waiting)
    deadlines.unwatch(waiting)
    return false
  })
  await sleep(120)

  for (const waiting of all) expect(waiting.gaveUp).toHaveLength(kept.includes(waiting) ? 1 : 0)
})

test('goes on after it had nothing to watch', async () => {
  const deadlines = createDeadlines()
  const first = waitFor(10)
  deadlines.watch(first)
  await sleep(100)
  const second = waitFor(10)
  deadlines.watch(second)
  await sleep(100)

  expect([first, second].map(({ gaveUp }) => gaveUp.length)).toEqual([1, 1])
})

test('what comes of work that was given up goes to who closes it', async () => {
  const deadlines = createDeadlines()
  const wait = { dueAt: performance.now() + 20, signal: undefined, toError: () => new Error('late') }
  const orphans: string[] = []

  const soon = within(deadlines, wait, Promise.resolve('soon'), (result) => orphans.push(result))
  const slow = within(deadlines, wait, sleep(80, 'slow'), (result) => orphans.push(result))

  expect(await soon).toBe('soon')
  await expect(slow).rejects.toThrow('late')
  await sleep(100)
  expect(orphans).toEqual(['slow'])
})

test('what came while the process was held up is not late', async () => {
  const deadlines = createDeadlines()
  const wait = { dueAt: performance.now() + 100, signal: undefined, toError: () => new Error('late') }
  const server = createServer((socket) => {
    socket.end('in time')
    while (performance.now() < wait.dueAt + 100);
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const answer = once(connect((server.address() as AddressInfo).port, '127.0.0.1'), 'data')

  expect(String(await within(deadlines, wait, answer))).toBe('in time')
  server.close()
})
