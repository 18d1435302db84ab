import { createEntityFetch } from './entity-fetch.ts'
import { createRootFetch } from './root-fetch.ts'
import type { Act } from './run.ts'
import type { Types } from './selection.ts'
import type { Step } from './step.ts'
import type { Writes } from './writes.ts'

/** Compiles a step into the closure that does it. */
export function createAct(step: Step, writes: Writes, types: Types): Act {
  switch (step.kind) {
    case 'root':
      return createRootFetch(step.node, step.route, writes, types.isSubtype)
    case 'entities':
      return createEntityFetch(step.room, step.legs, writes, types)
    case 'condition': {
      const ifTrue = createAct(step.ifTrue, writes, types)
      const ifFalse = createAct(step.ifFalse, writes, types)
      return (run) => (run.isTrue(step.variable) ? ifTrue : ifFalse)(run)
    }
    case 'sequence':
      return inSequence(step.steps.map((child) => createAct(child, writes, types)))
    case 'parallel':
      return inParallel(step.steps.map((child) => createAct(child, writes, types)))
  }
}

function inSequence(acts: readonly Act[]): Act {
  const proceed = (run: Parameters<Act>[0], from: number): Promise<void> | undefined => {
    for (let index = from; index < acts.length; index++) {
      const pending = acts[index]?.(run)
      if (pending !== undefined) return pending.then(() => proceed(run, index + 1))
    }
    return undefined
  }
  return (run) => proceed(run, 0)
}

function inParallel(acts: readonly Act[]): Act {
  return (run) => {
    const pending = acts.map((act) => act(run)).filter((promise) => promise !== undefined)
    return pending.length === 0 ? undefined : Promise.all(pending).then(() => undefined)
  }
}
