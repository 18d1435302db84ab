import { isJoinable, questionOf } from './joined-operation.ts'
import type { Leg, Step } from './step.ts'

type Entities = Step & { kind: 'entities' }

/**
 * Joins fetches of one room's entities that can be under way together into one request. Branches that begin with such fetches
 * begin together: what follows in each waits for the one answer, which it would have waited for anyway.
 */
export function join(step: Step): Step {
  switch (step.kind) {
    case 'condition':
      return { ...step, ifTrue: join(step.ifTrue), ifFalse: join(step.ifFalse) }
    case 'sequence':
      return sequenceOf(step.steps.map(join))
    case 'parallel':
      return joinParallel(step.steps)
    default:
      return step
  }
}

function joinParallel(steps: readonly Step[]): Step {
  const branches = new Map<string, { head: Entities; tail: Step }[]>()
  const others: Step[] = []
  for (const step of steps.flatMap(branchesOf)) {
    const branch = split(step)
    if (branch === undefined) others.push(join(step))
    else branches.set(branch.head.room, [...(branches.get(branch.head.room) ?? []), branch])
  }
  const joined = [...branches.values()].map((together) => {
    const legs = together.flatMap(({ head }) => head.legs)
    const [first] = together
    const head: Entities = { kind: 'entities', room: first?.head.room ?? '', legs: uniteLegs(legs) }
    return sequenceOf([head, joinParallel(together.map(({ tail }) => tail))])
  })
  return parallelOf([...others, ...joined])
}

/** The fetch a branch begins with, if it can travel with others, and what follows it. */
function split(step: Step): { head: Entities; tail: Step } | undefined {
  const [first, ...rest] = step.kind === 'sequence' ? step.steps.flatMap(stepsOf) : [step]
  if (first?.kind !== 'entities' || !first.legs.every(({ node }) => isJoinable(node))) return undefined
  return { head: first, tail: sequenceOf(rest) }
}

/** Fetches with the same question become one with several routes: a representation they share is sent once. */
function uniteLegs(legs: readonly Leg[]): Leg[] {
  const united = new Map<string, Leg>()
  for (const { node, routes } of legs) {
    const question = questionOf(node)
    const known = united.get(question)
    united.set(question, known ? { ...known, routes: [...known.routes, ...routes] } : { node, routes })
  }
  return [...united.values()]
}

function branchesOf(step: Step): readonly Step[] {
  return step.kind === 'parallel' ? step.steps.flatMap(branchesOf) : [step]
}

function stepsOf(step: Step): readonly Step[] {
  return step.kind === 'sequence' ? step.steps.flatMap(stepsOf) : [step]
}

function sequenceOf(steps: readonly Step[]): Step {
  const flat = steps.flatMap(stepsOf)
  const [only] = flat
  return flat.length === 1 && only !== undefined ? only : { kind: 'sequence', steps: flat }
}

function parallelOf(steps: readonly Step[]): Step {
  const busy = steps.filter((step) => !('steps' in step) || step.steps.length > 0)
  const [only] = busy
  if (busy.length === 1 && only !== undefined) return only
  return { kind: busy.length === 0 ? 'sequence' : 'parallel', steps: busy }
}
