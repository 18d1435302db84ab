/** Does what many ask for in batches, none of which waits for more to come. */
export interface Gathering<Task, Result> {
  /** Settles as if the task had been done alone. */
  add(task: Task): Promise<Result>
}

export interface GatheringOptions<Task, Result> {
  /** Does all of these or none of them; the results are in the order of the tasks. */
  work(tasks: readonly Task[]): Promise<readonly Result[]>
  /** How many are done at once, in a batch at most, and how many batches at the same time. */
  most: number
  lanes: number
}

interface Waiting<Task, Result> {
  task: Task
  resolve(result: Result): void
  reject(error: unknown): void
}

/**
 * A task that finds a free lane is done at once, and alone; those that come meanwhile share the next batch. So the transaction that one
 * of them would need is shared by the more of them, the more there are. A batch that fails is done again one by one.
 */
export function createGathering<Task, Result>(
  options: GatheringOptions<Task, Result>,
): Gathering<Task, Result> {
  const { work, most, lanes } = options
  let waiting: Waiting<Task, Result>[] = []
  let busy = 0

  async function settle(batch: readonly Waiting<Task, Result>[]): Promise<void> {
    try {
      const results = await work(batch.map(({ task }) => task))
      batch.forEach(({ resolve }, index) => {
        resolve(results[index] as Result)
      })
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error)
      else for (const one of batch) await settle([one])
    }
  }

  async function run(): Promise<void> {
    busy++
    while (waiting.length > 0) {
      const batch = waiting.slice(0, most)
      waiting = waiting.slice(most)
      await settle(batch)
    }
    busy--
  }

  return {
    add(task) {
      return new Promise((resolve, reject) => {
        waiting.push({ task, resolve, reject })
        if (busy < lanes) void run()
      })
    },
  }
}
