import type { Worker } from 'node:worker_threads'
import type { AudioAsset } from './asset.ts'
import { AudioError } from './audio-error.ts'
import type { WorkerReply, WorkerRequest } from './compose-worker.ts'
import { startThread } from './thread.ts'

type Job = Extract<WorkerRequest, { kind: 'compose' }>

/** Whether somebody waits for a piece; read when a thread is free, so it may change until then. */
export interface Urgency {
  isUrgent: boolean
}

interface Waiting {
  job: Job
  urgency: Urgency
  resolve: (asset: AudioAsset) => void
  reject: (error: Error) => void
}

interface Member {
  worker: Worker
  current: Waiting | null
  idleTimer: NodeJS.Timeout | null
}

export interface WorkerPool {
  /** Resolves with the asset; urgent ones go first. QUEUE_FULL at once when too many wait, CLOSED when the pool is. */
  run(job: Job, urgency: Urgency): Promise<AudioAsset>
  /** Workers alive now: none when nothing was composed for a while. */
  alive(): number
  /** Turns the waiting away, stops the running, and ends the threads. */
  close(): Promise<void>
}

const STOP_GRACE_MS = 5_000

/** At most `size` threads that compose, started when needed and ended `idleMs` after their last piece, with all their memory. */
export function createWorkerPool(options: { size: number; idleMs: number; queueLimit: number }): WorkerPool {
  const members = new Set<Member>()
  const queue: Waiting[] = []
  let isClosed = false

  const assign = (member: Member): void => {
    const [next] = queue.splice(
      Math.max(
        0,
        queue.findIndex(({ urgency }) => urgency.isUrgent),
      ),
      1,
    )
    if (next === undefined) {
      member.worker.unref() // an idle thread must not keep the process from ending
      member.idleTimer = setTimeout(() => dismiss(member), options.idleMs).unref()
      return
    }
    member.current = next
    member.worker.ref()
    member.worker.postMessage(next.job)
  }

  const dismiss = (member: Member): void => {
    members.delete(member)
    void member.worker.terminate()
  }

  const settle = (member: Member, act: (waiting: Waiting) => void): void => {
    const { current } = member
    member.current = null
    if (current !== null) act(current)
  }

  const hire = (): Member => {
    const member: Member = {
      worker: startThread(new URL('./compose-worker.ts', import.meta.url)),
      current: null,
      idleTimer: null,
    }
    members.add(member)
    member.worker.on('message', (reply: WorkerReply) => {
      settle(member, ({ resolve, reject }) =>
        'asset' in reply
          ? resolve(reply.asset)
          : reject(new AudioError(reply.fault.code, reply.fault.message)),
      )
      if (!isClosed) assign(member)
    })
    let why = 'it ended before the piece did'
    member.worker.on('error', (error) => {
      why = String(error)
    })
    member.worker.on('exit', () => {
      const wasCounted = members.delete(member)
      const fault = isClosed
        ? new AudioError('CLOSED', 'The composer is closed.')
        : new AudioError('WORKER_FAILED', `The composing thread failed: ${why}.`)
      settle(member, ({ reject }) => reject(fault))
      if (wasCounted && queue.length > 0 && !isClosed) assign(hire())
    })
    return member
  }

  return {
    run: (job, urgency) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(new AudioError('CLOSED', 'The composer is closed.'))
        if (queue.length >= options.queueLimit) {
          return reject(
            new AudioError(
              'QUEUE_FULL',
              `${queue.length} pieces are waiting to be composed: try again soon.`,
            ),
          )
        }
        queue.push({ job, urgency, resolve, reject })
        const idle = [...members].find((member) => member.current === null)
        if (idle !== undefined) {
          if (idle.idleTimer !== null) clearTimeout(idle.idleTimer)
          assign(idle)
        } else if (members.size < options.size) assign(hire())
      }),
    alive: () => members.size,
    async close() {
      isClosed = true
      for (const { reject } of queue.splice(0)) reject(new AudioError('CLOSED', 'The composer is closed.'))
      await Promise.all([...members].map(stopMember))
      members.clear()
    },
  }
}

/** A thread that is composing is asked first, so that it ends its ffmpeg and sweeps its half-made folder. */
async function stopMember(member: Member): Promise<void> {
  if (member.idleTimer !== null) clearTimeout(member.idleTimer)
  if (member.current !== null) {
    const stopped = new Promise((resolve) => member.worker.once('message', resolve))
    member.worker.postMessage({ kind: 'stop' } satisfies WorkerRequest)
    let timer: NodeJS.Timeout | undefined
    await Promise.race([stopped, new Promise((resolve) => (timer = setTimeout(resolve, STOP_GRACE_MS)))])
    clearTimeout(timer)
  }
  await member.worker.terminate()
}
