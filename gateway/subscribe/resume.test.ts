import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { RoomResponse } from '#shared/room.ts'
import { type Channel, createChannel } from '#shared/streams.ts'
import { openStage, type Stage } from '../testing/stage.ts'

let stage: Stage
/** What has happened, and who follows: a room that can begin after any number. */
const log: RoomResponse[] = []
const followers = new Set<Channel<RoomResponse>>()

beforeAll(async () => {
  stage = await openStage()
  stage.onSubscribe = async ({ variables }) => {
    const channel = createChannel<RoomResponse>({ onClose: () => followers.delete(channel), limit: 10_000 })
    for (const event of log.slice(Number(variables?.['since'] ?? 0))) channel.push(event)
    followers.add(channel)
    return channel
  }
})
afterAll(() => stage.stop())

function happen(): void {
  const n = log.length + 1
  const event = {
    data: { listed: { __typename: 'Play', n, track: { __typename: 'Track', id: `track-${n}` } } },
  }
  log.push(event)
  for (const follower of followers) follower.push(event)
}

const LISTED = 'subscription($since: Int) { listed(since: $since) { n track { title } } }'

/** Follows until `last`, from wherever it was each time its socket is cut. */
async function follow(last: number, cutEvery: number): Promise<number[]> {
  const seen: number[] = []
  while (seen.at(-1) !== last) {
    const client = createClient({
      url: stage.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
    })
    const events = client.iterate<{ listed: { n: number } }>({
      query: LISTED,
      variables: { since: seen.at(-1) ?? 0 },
    })
    for (let left = cutEvery; left > 0 && seen.at(-1) !== last; left--) {
      const { value } = await events.next()
      seen.push(Number(value?.data?.listed.n))
    }
    client.terminate()
    await events.return?.()
  }
  return seen
}

test('clients that are cut off time and again, and resume from what they have, miss nothing and get nothing twice', async () => {
  const EVENTS = 2_000
  const all = Promise.all([7, 40, 333, EVENTS].map((cutEvery) => follow(EVENTS, cutEvery)))
  while (log.length < EVENTS) {
    for (let burst = 0; burst < 20; burst++) happen()
    await new Promise((resolve) => setTimeout(resolve, 2))
  }

  for (const seen of await all) expect(seen).toEqual(Array.from({ length: EVENTS }, (_, at) => at + 1))
  await expect.poll(() => followers.size, { timeout: 1_000 }).toBe(0)
}, 30_000)
