import type { Worker } from 'node:worker_threads'
import { startThread } from '../audio/thread.ts'
import type { ReadTags } from './tag-thread.ts'

/** Reads tags on a thread of its own: what a stranger's file makes of a parser ends that thread and nothing else. */
export interface TagReader {
  /** Null for a file whose tags cannot be read in time and memory. One after the other. */
  read(path: string): Promise<ReadTags | null>
  close(): Promise<void>
}

const MEMORY_MB = 256

export function createTagReader(timeoutMs = 15_000): TagReader {
  let thread: Worker | null = null
  let last: Promise<unknown> = Promise.resolve()

  function ask(path: string): Promise<ReadTags | null> {
    thread ??= startThread(new URL('./tag-thread.ts', import.meta.url), {
      maxOldGenerationSizeMb: MEMORY_MB,
    })
    const worker = thread
    return new Promise((resolve) => {
      const end = (answer: ReadTags | null, isBroken: boolean): void => {
        clearTimeout(timer)
        worker.off('message', onAnswer).off('error', onBreak).off('exit', onBreak)
        if (isBroken) {
          thread = null
          worker.on('error', () => undefined)
          void worker.terminate()
        }
        resolve(answer)
      }
      const onAnswer = (answer: ReadTags | null): void => end(answer, false)
      const onBreak = (): void => end(null, true)
      const timer = setTimeout(onBreak, timeoutMs)
      worker.on('message', onAnswer).on('error', onBreak).on('exit', onBreak)
      worker.postMessage(path)
    })
  }

  return {
    read(path) {
      const answer = last.then(() => ask(path))
      last = answer
      return answer
    },
    async close() {
      await last
      await thread?.terminate()
      thread = null
    },
  }
}
