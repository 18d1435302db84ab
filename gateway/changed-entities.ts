import type { Logger } from 'pino'
import { z } from 'zod'
import { anonymous } from '#shared/identity.ts'
import type { Room } from '#shared/room.ts'
import type { Evictions } from './caching/caching.ts'

/** How a room says what of it has changed. */
export interface ChangesQuery {
  query: string
  entitiesOf(data: unknown): { typename: string; id: string }[]
}

const catalogEvent = z.object({
  entitiesChanged: z.array(z.object({ typename: z.string(), id: z.string() })),
})
export const CATALOG_CHANGES: ChangesQuery = {
  query: 'subscription { entitiesChanged { typename id } }',
  entitiesOf: (data) => catalogEvent.parse(data).entitiesChanged,
}

const usersEvent = z.object({ usersChanged: z.array(z.string()) })
export const USERS_CHANGES: ChangesQuery = {
  query: 'subscription { usersChanged }',
  entitiesOf: (data) => usersEvent.parse(data).usersChanged.map((id) => ({ typename: 'User', id })),
}

const AGAIN_MS = 1_000

/**
 * Follows what a room says has changed, so that it is not kept any longer; returns the way to stop. While the stream is away, what is
 * kept is as old as its time to live allows; when it is there again, anything may have changed meanwhile.
 */
export function followChanges(
  room: Room,
  { query, entitiesOf }: ChangesQuery,
  kept: Evictions,
  logger: Logger,
): () => void {
  let stream: AsyncIterator<unknown> | undefined
  let timer: NodeJS.Timeout | undefined
  let isStopped = false

  async function follow(): Promise<void> {
    const opened = await room.subscribe({ query, identity: anonymous(null) })
    if (!(Symbol.asyncIterator in opened))
      throw new Error(opened.errors?.[0]?.message ?? 'There is no stream')
    stream = opened
    if (isStopped) await opened.return?.()
    kept.evictAll()
    for await (const { data } of opened) {
      for (const { typename, id } of entitiesOf(data)) kept.evict(typename, id)
    }
  }

  function begin(): void {
    follow()
      .catch((error: unknown) => logger.debug({ err: error, room: room.name }, 'changes cannot be followed'))
      .finally(() => {
        if (!isStopped) timer = setTimeout(begin, AGAIN_MS).unref()
      })
  }

  begin()
  return () => {
    isStopped = true
    clearTimeout(timer)
    void stream?.return?.()
  }
}
