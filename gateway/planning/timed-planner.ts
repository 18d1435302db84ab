import { createContext, Script } from 'node:vm'
import { AppError } from '#shared/errors.ts'
import type { Planner } from '../planner.ts'

/** Planning was given up: it is likely to be given up again. */
export class PlanningGivenUp extends AppError {
  constructor() {
    super('QUERY_TOO_COMPLEX', 'The document takes too long to plan: ask for less at once')
  }
}

/** On a machine that has other things to do, as much longer may pass until the time was really used. */
const PATIENCE = 8

/**
 * No estimate foresees what a document costs a planner that tries out alternatives: a few selections over many implementations
 * of an interface can take minutes, and all memory. So it is stopped, whatever it is doing, once it has used `limitMs`
 * milliseconds of CPU time: PlanningGivenUp. Nothing else in Node ends synchronous work but the timeout of a script.
 */
export function createTimedPlanner(planner: Planner, limitMs: number): Planner {
  const stage: { work(): void } = { work: () => undefined }
  const context = createContext(stage)
  const script = new Script('work()')

  /** False when `work` was stopped after `wallMs` milliseconds. */
  function isDone(work: () => void, wallMs: number): boolean {
    stage.work = work
    try {
      script.runInContext(context, { timeout: wallMs })
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false
      // What it tries out has outgrown the stack or the longest list there can be.
      if (error instanceof RangeError) throw new PlanningGivenUp()
      throw error
    } finally {
      stage.work = () => undefined
    }
  }

  return {
    ...planner,
    plan(document, operationName) {
      let plan: ReturnType<Planner['plan']> = {}
      const work = (): void => {
        plan = planner.plan(document, operationName)
      }
      for (let wallMs = limitMs; wallMs <= limitMs * PATIENCE; wallMs *= 2) {
        const begun = process.cpuUsage()
        if (isDone(work, wallMs)) return plan
        const { user, system } = process.cpuUsage(begun)
        if ((user + system) / 1_000 >= limitMs) break
      }
      throw new PlanningGivenUp()
    },
  }
}
