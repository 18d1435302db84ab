import { changesQuery } from '../../../web/playlist-client/documents.ts'
import type { ApiClient } from '../../testing/client.ts'
import { openCountingSocket } from '../fanout/frames.ts'

/** Many who follow one list, each over a socket of their own, as cheaply as can be: they count what comes, and read none of it. */
export interface Audience {
  /** `performance.now()` of when the last of them had the n-th edit since they came, from 0. */
  hasHeard(edit: number): Promise<number>
  close(): void
}

const AT_ONCE = 50

/** Resolves once each has the list as it is; `people` take turns. It must have at most 100 items: one message. */
export async function openAudience(
  port: number,
  people: readonly ApiClient[],
  playlistId: string,
  size: number,
): Promise<Audience> {
  const closers: (() => void)[] = []
  const arrived: number[] = []
  const heardAt: number[] = []
  const waiting = new Map<number, (at: number) => void>()
  const query = changesQuery('title')

  function count(edit: number): void {
    arrived[edit] = (arrived[edit] ?? 0) + 1
    if (arrived[edit] < size) return
    heardAt[edit] = performance.now()
    waiting.get(edit)?.(heardAt[edit])
    waiting.delete(edit)
  }

  async function join(person: ApiClient): Promise<void> {
    let messages = 0
    let onFirst = (): void => undefined
    const socket = await openCountingSocket(port, 'graphql-transport-ws', (read) => {
      messages++
      if (messages === 1) {
        const payload = { query, variables: { id: playlistId } }
        socket.send(JSON.stringify({ id: 'list', type: 'subscribe', payload }))
      } else if (messages === 2) {
        if (!read().includes('"SNAPSHOT"')) throw new Error(`The list did not come: ${read()}`)
        onFirst()
      } else count(messages - 3)
    })
    closers.push(socket.close)
    const first = new Promise<void>((resolve) => {
      onFirst = resolve
    })
    const payload = { authorization: `Bearer ${person.token}` }
    socket.send(JSON.stringify({ type: 'connection_init', payload }))
    await first
  }

  for (let begun = 0; begun < size; begun += AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, size - begun) }, (_, n) => {
      const person = people[(begun + n) % people.length]
      if (person === undefined) throw new Error('An audience needs people')
      return join(person)
    })
    await Promise.all(batch)
  }
  return {
    hasHeard(edit) {
      const at = edit < 0 ? 0 : heardAt[edit]
      if (at !== undefined) return Promise.resolve(at)
      return new Promise((resolve) => waiting.set(edit, resolve))
    },
    close() {
      for (const close of closers) close()
    },
  }
}
