import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type BenchProcess, startOn } from '../gateway/process.ts'

/** The door that is attacked, on a processor of its own. */
export async function startDoor(): Promise<{ door: BenchProcess; origin: string }> {
  const file = fileURLToPath(import.meta.resolve('./door.ts'))
  const door = startOn(1, process.execPath, ['--import', 'tsx', file])
  for (;;) {
    const port = /port (\d+)/.exec(door.output())?.[1]
    if (port !== undefined) return { door, origin: `http://127.0.0.1:${port}` }
    await sleep(50)
  }
}
