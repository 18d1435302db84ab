import { AppError, Refusal } from '#shared/errors.ts'
import { type OutboxEvent, publish } from '#shared/outbox.ts'
import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import type { PlaylistRow } from '../models.ts'
import { lockPlaylist, PATIENCE, playlistMissing } from './lock.ts'

/** What an edit has done in its transaction. */
export interface Step<Answer> {
  answer: Answer
  /** The list as it is now, null when deleted; left out when the edit found nothing to do. */
  playlist?: PlaylistRow | null
  events?: readonly OutboxEvent[]
}

/** An edit of a list that the transaction holds. Throws Refusal only before it has written anything. */
export type EditWork<Answer> = (tx: Prisma.TransactionClient, playlist: PlaylistRow) => Promise<Step<Answer>>

export interface EditQueue {
  /** Resolves once the edit is committed. UNAVAILABLE when too many wait for this list already. */
  run<Answer>(playlistId: string, work: EditWork<Answer>): Promise<Answer>
}

interface Fault {
  error: unknown
  /** One of the edits failed, and the transaction has been rolled back. */
  isOfWork: boolean
}

interface Waiting {
  work: EditWork<unknown>
  resolve(answer: unknown): void
  reject(reason: unknown): void
}

export interface EditQueueOptions {
  db: PrismaClient
  /** Told of each list that has a new revision, after the commit. */
  onCommit(playlistId: string, revision: number): void
}

const MAX_WAITING = 500
const MAX_TOGETHER = 32

/**
 * The edits of one list, one after the other. What keeps edits apart is the lock of the list's row, in every process; here
 * those that would wait for it with a connection each wait without one, and then share a transaction: one lock, one
 * commit, one write to the disk. Should anything but a refusal stop one of them, nothing of it has happened, and each is
 * tried again in a transaction of its own.
 */
export function createEditQueue({ db, onCommit }: EditQueueOptions): EditQueue {
  const queues = new Map<string, Waiting[]>()

  async function drain(playlistId: string, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) {
      const together = queue.splice(0, MAX_TOGETHER)
      const fault = await runTogether(playlistId, together)
      if (fault !== null) await runApart(playlistId, together, fault)
    }
    queues.delete(playlistId)
  }

  /** After a transaction that came to nothing: again one by one, if it was one of them that stopped it. */
  async function runApart(playlistId: string, together: readonly Waiting[], fault: Fault): Promise<void> {
    let last: Fault | null = fault
    for (const one of together) {
      if (together.length > 1 && last?.isOfWork !== false) last = await runTogether(playlistId, [one])
      if (last !== null) one.reject(last.error)
    }
  }

  async function runTogether(playlistId: string, together: readonly Waiting[]): Promise<Fault | null> {
    let revision: number | undefined
    // A commit that fails may have happened all the same: only what fails before it may be tried again.
    let isOfWork = false
    try {
      const settlements = await db.$transaction(async (tx) => {
        isOfWork = true
        const { playlist, settlements, events } = await runInTurn(tx, playlistId, together)
        await publish(tx, events)
        if (events.length > 0) revision = playlist?.revision ?? 0
        isOfWork = false
        return settlements
      }, PATIENCE)
      for (const settle of settlements) settle()
    } catch (error) {
      return { error, isOfWork }
    }
    if (revision !== undefined) onCommit(playlistId, revision)
    return null
  }

  return {
    run: (playlistId, work) =>
      new Promise((resolve, reject) => {
        const known = queues.get(playlistId)
        if (known !== undefined && known.length >= MAX_WAITING)
          return reject(new AppError('UNAVAILABLE', 'Too many edits of this playlist wait already'))
        const queue = known ?? []
        queue.push({ work, resolve: resolve as Waiting['resolve'], reject })
        if (known !== undefined) return
        queues.set(playlistId, queue)
        void drain(playlistId, queue)
      }),
  }
}

interface Together {
  playlist: PlaylistRow | null
  /** What to tell each caller, once the transaction is committed. */
  settlements: (() => void)[]
  events: OutboxEvent[]
}

async function runInTurn(
  tx: Prisma.TransactionClient,
  playlistId: string,
  together: readonly Waiting[],
): Promise<Together> {
  let playlist = await lockPlaylist(tx, playlistId)
  const settlements: (() => void)[] = []
  const events: OutboxEvent[] = []
  for (const { work, resolve, reject } of together) {
    try {
      if (playlist === null) throw playlistMissing()
      const step = await work(tx, playlist)
      if (step.playlist !== undefined) playlist = step.playlist
      events.push(...(step.events ?? []))
      settlements.push(() => resolve(step.answer))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      settlements.push(() => reject(error))
    }
  }
  return { playlist, settlements, events }
}
